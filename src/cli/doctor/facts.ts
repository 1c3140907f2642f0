import type { NetworkSnapshot } from '../../monitor/index.js';

/** What was found out about this host. */
export interface HostFacts {
  /** As `process.platform` has it. */
  readonly platform: string;
  readonly ffi: FfiFacts;
  readonly guard: GuardFacts;
  readonly icmp: { readonly ipv4: SocketFacts; readonly ipv6: SocketFacts };
  /** net.ipv4.conf.all.ignore_routes_with_linkdown; undefined where there is none. */
  readonly ignoresRoutesWithLinkdown: boolean | undefined;
  readonly snapshot: NetworkSnapshot;
  /** The interfaces that IPv4 default routes lead over. */
  readonly uplinks: readonly string[];
}

/** By what the C library can be called. */
export type FfiFacts =
  | { readonly kind: 'koffi' }
  | { readonly kind: 'node:ffi'; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Whether a socket can be made; if not, the error code, such as `'EACCES'`. */
export type SocketFacts = { readonly kind: 'works' } | { readonly kind: 'refused'; readonly code: string };

/** How the kernel answers for the carrier of the link in use, or of the one that was. */
export type GuardFacts =
  | {
      readonly kind: 'answers';
      readonly interface: string;
      /** What one look costs, in microseconds. */
      readonly cost: number;
      /** Whether losses of carrier between two looks are counted (IFLA_CARRIER_DOWN_COUNT, Linux 4.16). */
      readonly countsLosses: boolean;
      /** The driver's kind, such as `'veth'`. */
      readonly linkKind: string | undefined;
    }
  | { readonly kind: 'fails'; readonly reason: string }
  /** There is no link but the loopback. */
  | { readonly kind: 'no-link' }
  /** There is no netlink to ask by. */
  | { readonly kind: 'not-asked' };
