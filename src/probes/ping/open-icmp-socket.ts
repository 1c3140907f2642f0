import {
  type Libc,
  openPacketSocket,
  type PacketOptions,
  type PacketSocket,
  SystemCallError,
} from '../../../native/index.js';
import { failureOf, inconclusive } from '../failure.js';
import type { ProbeFailure } from '../result.js';
import { identifierFilter } from './identifier-filter.js';

export interface IcmpSocket {
  readonly method: 'icmp-datagram' | 'icmp-raw';
  readonly socket: PacketSocket;
}

/**
 * Without a privilege where the kernel permits it; otherwise a raw socket, which hears only what has the identifier.
 *
 * @throws {SystemCallError} see `openPacketSocket`.
 */
export function openIcmpSocket(libc: Libc, options: PacketOptions, identifier: number): IcmpSocket {
  try {
    const socket = openPacketSocket(libc, { ...options, type: 'datagram', protocol: 'icmp' });
    return { method: 'icmp-datagram', socket };
  } catch (error) {
    if (!(error instanceof SystemCallError && error.syscall === 'socket')) throw error;
  }
  const raw = { ...options, sourcePort: undefined, type: 'raw', protocol: 'icmp' } as const;
  return { method: 'icmp-raw', socket: openPacketSocket(libc, raw, identifierFilter(options.family, identifier)) };
}

/**
 * Why nothing can be sent, for people.
 *
 * @param otherwise what can be done without a permission.
 * @returns undefined for what is none of the kernel's refusals.
 */
export function failureToOpen(error: unknown, otherwise: string): ProbeFailure | undefined {
  if (!(error instanceof SystemCallError)) return undefined;
  if (error.syscall !== 'socket' || !REFUSALS.has(error.code)) {
    return failureOf(error) ?? inconclusive('unsupported', error.message);
  }
  return inconclusive('not-allowed', `${HOW_TO_PERMIT}, ${otherwise}`);
}

const REFUSALS: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/** icmp(7), capabilities(7). */
const HOW_TO_PERMIT =
  'this process may not use ICMP: permit it to all groups (sysctl -w net.ipv4.ping_group_range="0 2147483647"), ' +
  'or give the program CAP_NET_RAW (setcap cap_net_raw+ep on the node binary)';
