import { errnoName, type Libc, openRequestSocket, type RequestSocket } from '../../native/index.js';
import type { InterfaceAddress } from './interface-address.js';
import type { Link } from './link.js';
import { decodeDatagram, type NetlinkMessage } from './message.js';
import { NetlinkError } from './netlink-error.js';
import {
  encodeAddressDump,
  encodeLinkDump,
  encodeLinkRequest,
  encodeRouteDump,
  encodeRuleDump,
  type LinkSelector,
  type RouteDumpOptions,
  type RouteQuery,
  type RuleDumpOptions,
} from './requests.js';
import type { Route } from './route.js';
import { RouteRequests } from './route-requests.js';
import type { Rule } from './rule.js';
import type { Status } from './status.js';

/** All that the kernel has of one kind. */
export interface Dump<Entry> {
  /** What there is, in the order in which the kernel sent it. */
  readonly entries: readonly Entry[];
  /** False when things went on changing during every repetition, so that an entry may be missing, doubled or old. */
  readonly consistent: boolean;
}

/** The kernel's answer to "how would a packet get there?". */
export type RouteAnswer = { readonly kind: 'route'; readonly route: Route } | RouteRefusal;

/** No route matches (ENETUNREACH), or one that refuses does (EHOSTUNREACH, EACCES, EINVAL). */
export interface RouteRefusal {
  /** Told apart by it from a route. */
  readonly kind: 'refused';
  /** The errno's name. */
  readonly code: string;
  /** The same as an error, made when it is asked for: to write down its stack takes longer than to ask the kernel. */
  readonly error: NetlinkError;
}

/** Under constant churn every second dump is interrupted (measured); five in a row are not consistent only when the churn is wild. */
const MOST_DUMPS = 5;

/**
 * Asks the kernel for links, addresses, routes and rules. Every call is synchronous: a question costs some microseconds, a dump of a
 * thousand links some milliseconds.
 *
 * Every method throws {@link SystemCallError} when the socket fails and {@link NetlinkDecodeError} when an answer cannot be understood.
 */
export class RequestClient {
  readonly #libc: Libc;
  #socket: RequestSocket;
  readonly #routeRequests = new RouteRequests();
  #sequence = 0;
  #closed = false;

  /** @throws {SystemCallError} when the kernel refuses the socket. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#socket = openRequestSocket(libc);
  }

  /** Every link, with its counters. */
  dumpLinks(): Dump<Link> {
    return this.#dump('RTM_GETLINK', encodeLinkDump, (message) =>
      message.kind === 'link' && message.link.family === 0 ? message.link : undefined,
    );
  }

  /** Every IPv4 and IPv6 address. */
  dumpAddresses(): Dump<InterfaceAddress> {
    return this.#dump('RTM_GETADDR', encodeAddressDump, (message) =>
      message.kind === 'address' ? message.address : undefined,
    );
  }

  /** Every route, or those of one family or table. */
  dumpRoutes(options: RouteDumpOptions = {}): Dump<Route> {
    return this.#dump(
      'RTM_GETROUTE',
      (sequence) => encodeRouteDump(sequence, options),
      (message) => (message.kind === 'route' && matches(message.route, options) ? message.route : undefined),
    );
  }

  /** Every rule of the routing policy, or those of one family, each family in the order in which they are tried. */
  dumpRules(options: RuleDumpOptions = {}): Dump<Rule> {
    return this.#dump(
      'RTM_GETRULE',
      (sequence) => encodeRuleDump(sequence, options),
      (message) => (message.kind === 'rule' ? message.rule : undefined),
    );
  }

  /**
   * One link, as it is at this moment: asking for it makes the kernel take note of a pending carrier change first.
   *
   * @returns undefined when there is no such link.
   * @throws {NetlinkError} when the kernel refuses for another reason.
   */
  link(selector: LinkSelector): Link | undefined {
    const answer = this.#ask(encodeLinkRequest(this.#nextSequence(), selector));
    if (answer.kind === 'link') return answer.link;
    if (answer.kind !== 'error') throw unexpected('RTM_GETLINK', answer);
    const error = new NetlinkError('RTM_GETLINK', answer.status);
    if (error.code === 'ENODEV') return undefined;
    throw error;
  }

  /** How the kernel would send to one destination now. */
  route(query: RouteQuery): RouteAnswer {
    const answer = this.#ask(this.#routeRequests.request(this.#nextSequence(), query));
    if (answer.kind === 'route') return { kind: 'route', route: answer.route };
    if (answer.kind !== 'error') throw unexpected('RTM_GETROUTE', answer);
    return new Refusal(answer.status);
  }

  /** Closes the socket; nothing can be asked afterwards. May be repeated. */
  close(): void {
    this.#closed = true;
    this.#socket.close();
  }

  #nextSequence(): number {
    // 0 is what notifications carry.
    this.#sequence = (this.#sequence % 0xffff_ffff) + 1;
    return this.#sequence;
  }

  #ask(request: Uint8Array): NetlinkMessage {
    return this.#converse(() => {
      this.#socket.send(request);
      for (;;) {
        const answer = this.#receiveAnswers().find(isPayload);
        if (answer !== undefined) return answer;
      }
    });
  }

  #dump<Entry>(
    request: string,
    encode: (sequence: number) => Uint8Array,
    pick: (message: NetlinkMessage) => Entry | undefined,
  ): Dump<Entry> {
    for (let count = 1; ; count += 1) {
      const { entries, consistent } = this.#converse(() => this.#dumpOnce(request, encode, pick));
      if (consistent || count === MOST_DUMPS) return { entries, consistent };
    }
  }

  #dumpOnce<Entry>(
    request: string,
    encode: (sequence: number) => Uint8Array,
    pick: (message: NetlinkMessage) => Entry | undefined,
  ): Dump<Entry> {
    this.#socket.send(encode(this.#nextSequence()));
    const entries: Entry[] = [];
    let consistent = true;
    for (;;) {
      for (const message of this.#receiveAnswers()) {
        if (message.header.flags.dumpInterrupted) consistent = false;
        if (message.kind === 'error' || message.kind === 'done') {
          if (message.status.errno !== 0) throw new NetlinkError(request, message.status);
          if (message.kind === 'done') return { entries, consistent };
        }
        const entry = pick(message);
        if (entry !== undefined) entries.push(entry);
      }
    }
  }

  /** A conversation that breaks off half-way leaves its rest in the socket, and a dump there makes the next one fail with EBUSY. */
  #converse<Answer>(conversation: () => Answer): Answer {
    try {
      return conversation();
    } catch (error) {
      if (!(error instanceof NetlinkError) && !this.#closed) {
        this.#socket.close();
        this.#socket = openRequestSocket(this.#libc);
      }
      throw error;
    }
  }

  /** One datagram's messages, less what belongs to an earlier request that was given up. */
  #receiveAnswers(): readonly NetlinkMessage[] {
    return decodeDatagram(this.#socket.receive()).filter(({ header }) => header.sequence === this.#sequence);
  }
}

class Refusal implements RouteRefusal {
  readonly kind = 'refused';
  readonly #status: Status;

  constructor(status: Status) {
    this.#status = status;
  }

  get code(): string {
    return errnoName(this.#status.errno);
  }

  get error(): NetlinkError {
    return new NetlinkError('RTM_GETROUTE', this.#status);
  }
}

function isPayload(message: NetlinkMessage): boolean {
  return message.kind !== 'noop' && message.kind !== 'done';
}

/** Kernels without strict checking ignore the filter and send everything. */
function matches(route: Route, { family, table }: RouteDumpOptions): boolean {
  return (family === undefined || route.family === family) && (table === undefined || route.table === table);
}

function unexpected(request: string, answer: NetlinkMessage): NetlinkError {
  const EPROTO = 71;
  return new NetlinkError(request, {
    errno: EPROTO,
    text: `answered by a message of kind ${answer.kind}`,
    requestOffset: undefined,
  });
}
