import type { IpFamily } from '../names/index.js';
import { align } from './attributes.js';
import {
  AF_INET,
  AF_INET6,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from './constants.js';
import { decodeHeader, HEADER_LENGTH, type MessageHeader, messageEnd, messageType } from './header.js';
import { decodeInterfaceAddress, type InterfaceAddress } from './interface-address.js';
import { decodeLink, type Link } from './link.js';
import { decodeRoute, type Route } from './route.js';
import { decodeRule, type Rule } from './rule.js';
import { decodeDoneStatus, decodeErrorStatus, type Status } from './status.js';

/** One message from the kernel. */
export type NetlinkMessage =
  | LinkMessage
  | AddressMessage
  | RouteMessage
  | RuleMessage
  | ErrorMessage
  | DoneMessage
  | OverrunMessage
  | NoopMessage
  | UnknownMessage;

/** `new` is also what the kernel says when something that exists has changed, and in dumps and answers. */
export type Change = 'new' | 'deleted';

/** RTM_NEWLINK or RTM_DELLINK. */
export interface LinkMessage {
  readonly kind: 'link';
  /** Whether it is there or gone. */
  readonly change: Change;
  readonly header: MessageHeader;
  /** The link, as it is now or was at last. */
  readonly link: Link;
}

/** RTM_NEWADDR or RTM_DELADDR. */
export interface AddressMessage {
  readonly kind: 'address';
  /** Whether it is there or gone. */
  readonly change: Change;
  readonly header: MessageHeader;
  /** The address. */
  readonly address: InterfaceAddress;
}

/** RTM_NEWROUTE or RTM_DELROUTE. */
export interface RouteMessage {
  readonly kind: 'route';
  /** Whether it is there or gone. */
  readonly change: Change;
  readonly header: MessageHeader;
  /** The route; in the answer to a look-up, the way that the kernel would take. */
  readonly route: Route;
}

/** RTM_NEWRULE or RTM_DELRULE. */
export interface RuleMessage {
  readonly kind: 'rule';
  /** Whether it is there or gone. */
  readonly change: Change;
  readonly header: MessageHeader;
  /** The rule. */
  readonly rule: Rule;
}

/** The end of a request: refused, or with errno 0 acknowledged. */
export interface ErrorMessage {
  readonly kind: 'error';
  readonly header: MessageHeader;
  /** Why it was refused. */
  readonly status: Status;
}

/** The end of a dump, which has failed unless errno is 0. */
export interface DoneMessage {
  readonly kind: 'done';
  readonly header: MessageHeader;
  /** Why it has failed. */
  readonly status: Status;
}

/** Messages were lost. */
export interface OverrunMessage {
  readonly kind: 'overrun';
  readonly header: MessageHeader;
}

/** NLMSG_NOOP: to be passed over. */
export interface NoopMessage {
  readonly kind: 'noop';
  readonly header: MessageHeader;
}

/**
 * A message of a type that is not decoded, or an address, route or rule of a family other than IPv4 and IPv6 (multicast forwarding,
 * MPLS …).
 */
export interface UnknownMessage {
  readonly kind: 'unknown';
  readonly header: MessageHeader;
  /** The message type: RTM_* of linux/rtnetlink.h. */
  readonly type: number;
}

/**
 * Decodes everything in one datagram.
 *
 * One bad message refuses the whole datagram, good messages before it included: it means that something was cut off or misunderstood, and
 * the answer to that is to dump again, not to go on with part of a change. Types, attributes and flags that are not known are no error.
 *
 * @throws {NetlinkDecodeError} and nothing else, whatever the bytes are.
 */
export function decodeDatagram(bytes: Uint8Array): NetlinkMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at < view.byteLength; ) {
    const end = messageEnd(view, at);
    messages.push(decodeMessage(view, at, end));
    at = align(end);
  }
  return messages;
}

function decodeMessage(view: DataView, start: number, end: number): NetlinkMessage {
  const header = decodeHeader(view, start);
  const type = messageType(view, start);
  const payload = start + HEADER_LENGTH;
  switch (type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: {
      const change = type === RTM_NEWLINK ? 'new' : 'deleted';
      return { kind: 'link', change, header, link: decodeLink(view, payload, end) };
    }
    case RTM_NEWADDR:
    case RTM_DELADDR: {
      const family = ipFamily(view, payload, end);
      if (family === undefined) return { kind: 'unknown', header, type };
      const change = type === RTM_NEWADDR ? 'new' : 'deleted';
      return { kind: 'address', change, header, address: decodeInterfaceAddress(view, payload, end, family) };
    }
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
      const family = ipFamily(view, payload, end);
      if (family === undefined) return { kind: 'unknown', header, type };
      const change = type === RTM_NEWROUTE ? 'new' : 'deleted';
      return { kind: 'route', change, header, route: decodeRoute(view, payload, end, family) };
    }
    case RTM_NEWRULE:
    case RTM_DELRULE: {
      const family = ipFamily(view, payload, end);
      if (family === undefined) return { kind: 'unknown', header, type };
      const change = type === RTM_NEWRULE ? 'new' : 'deleted';
      return { kind: 'rule', change, header, rule: decodeRule(view, payload, end, family) };
    }
    case NLMSG_ERROR:
      return { kind: 'error', header, status: decodeErrorStatus(view, start, end) };
    case NLMSG_DONE:
      return { kind: 'done', header, status: decodeDoneStatus(view, start, end) };
    case NLMSG_OVERRUN:
      return { kind: 'overrun', header };
    case NLMSG_NOOP:
      return { kind: 'noop', header };
    default:
      return { kind: 'unknown', header, type };
  }
}

/** Every rtnetlink message begins with its address family; an empty one has none. */
function ipFamily(view: DataView, payload: number, end: number): IpFamily | undefined {
  const family = payload < end ? view.getUint8(payload) : 0;
  if (family === AF_INET) return 4;
  return family === AF_INET6 ? 6 : undefined;
}
