export { type Libc, loadNative, type NativeSupport, SystemCallError } from '../../native/index.js';
export { formatIpv4, formatIpv6, type Ip, type IpFamily, parseIp } from '../names/index.js';
export type { MessageFlags, MessageHeader } from './header.js';
export type { InterfaceAddress } from './interface-address.js';
export { InterfaceTable, type TableChange } from './interface-table.js';
export type { Link, LinkStatistics, OperState, TrafficCounters } from './link.js';
export {
  type AddressMessage,
  type Change,
  type DoneMessage,
  decodeDatagram,
  type ErrorMessage,
  type LinkMessage,
  type NetlinkMessage,
  type NoopMessage,
  type OverrunMessage,
  type RouteMessage,
  type RuleMessage,
  type UnknownMessage,
} from './message.js';
export { NetlinkDecodeError } from './netlink-decode-error.js';
export { NetlinkError } from './netlink-error.js';
export type { RouteProtocol } from './protocol.js';
export { type Dump, RequestClient, type RouteAnswer, type RouteRefusal } from './request-client.js';
export {
  encodeAddressDump,
  encodeLinkDump,
  encodeLinkRequest,
  encodeRouteDump,
  encodeRouteRequest,
  encodeRuleDump,
  type LinkSelector,
  type RouteDumpOptions,
  type RouteQuery,
  type RuleDumpOptions,
} from './requests.js';
export type { NextHop, Route, RouteType, WeightedNextHop } from './route.js';
export { openRtnetlink, type Rtnetlink, type RtnetlinkHandlers, type RtnetlinkOptions } from './rtnetlink.js';
export type { MaskedMark, NumberRange, Rule, RuleAction } from './rule.js';
export type { Scope } from './scope.js';
export type { Status } from './status.js';
