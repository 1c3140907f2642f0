export type { IpFamily } from './address-text.js';
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
  type UnknownMessage,
} from './message.js';
export { NetlinkDecodeError } from './netlink-decode-error.js';
export { NetlinkError } from './netlink-error.js';
export { type Dump, RequestClient, type RouteAnswer } from './request-client.js';
export {
  encodeAddressDump,
  encodeLinkDump,
  encodeLinkRequest,
  encodeRouteDump,
  encodeRouteRequest,
  type LinkSelector,
  type RouteDumpOptions,
  type RouteQuery,
} from './requests.js';
export type { NextHop, Route, RouteProtocol, RouteType, WeightedNextHop } from './route.js';
export { openRtnetlink, type Rtnetlink, type RtnetlinkHandlers, type RtnetlinkOptions } from './rtnetlink.js';
export type { Scope } from './scope.js';
export type { Status } from './status.js';
