import type { Host } from './host.js';

/** An interface of a host, as one end of a cable. */
export interface Port {
  readonly host: Host;
  readonly interface: string;
}

/**
 * What joins two hosts.
 *
 * - `veth`: a pair of virtual interfaces. Quick, and possible everywhere; the kernel announces its carrier events at once.
 * - `tap`: two TAP devices with a process that carries frames between them. Its carrier behaves as that of a network card: the kernel
 *   announces changes of carrier once a second at most, for the whole machine together (`net/core/link_watch.c`).
 */
export type CableKind = 'veth' | 'tap';

/** A cable between two ports, both up and with carrier. */
export interface Cable {
  readonly ends: readonly [Port, Port];
  /** Takes the carrier from one end. @returns CLOCK_MONOTONIC in nanoseconds, right before the kernel was asked. */
  pull(end: Port): Promise<bigint>;
  /** Gives it back. @returns the time, as {@link pull} does. */
  plugIn(end: Port): Promise<bigint>;
}
