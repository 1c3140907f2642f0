import type { Outage, Trace } from './trace.js';
import type { VirtualClock } from './virtual-clock.js';

/** Milliseconds until the connect fails that a link which is down refuses. */
const REFUSED_AFTER = 1;

/** With the carrier lost it is the neighbour that is looked for, once a second; then EHOSTUNREACH (ARP: mcast_solicit and retrans_time, in arp(7)). */
const SOLICITATIONS = [1_000, 2_000];
const UNREACHABLE_AFTER = 3_000;

/** What was sent and not acknowledged is sent again after this long, then after twice as long, and so on (RFC 6298; Linux begins with 200 ms). */
const FIRST_RETRANSMISSION = 200;

/** The client's own limit for a connection on which nothing moves. Without one it would be a quarter of an hour (tcp_retries2). */
const INACTIVE_AFTER = 30_000;

/** How the network carries one exchange: when it comes to its end, or how it fails; and when it gets through again where it was held up. */
export type Carried = { readonly at: number; readonly movesAgainAt: readonly number[] } & (
  | { readonly kind: 'arrives' }
  | { readonly kind: 'fails'; readonly code: string }
);

/**
 * What a connection that is begun at a time meets. Since it is known what happens, so is this, to the end.
 *
 * @param takes milliseconds, where nothing is wrong.
 */
export function carry({ outages }: Pick<Trace, 'outages'>, begins: number, takes: number): Carried {
  const connects = connect(outages, begins);
  const { code } = connects;
  if (code !== undefined) return { kind: 'fails', at: connects.at, code, movesAgainAt: [] };
  let { at } = connects;
  const movesAgainAt = at === begins ? [] : [at];
  let left = takes;
  for (;;) {
    const cut = outages.find(({ from }) => from > at && from < at + left);
    if (cut === undefined) return { kind: 'arrives', at: at + left, movesAgainAt };
    left -= cut.from - at;
    const again = retransmissions(cut.from).find((time) => outageAt(outages, time) === undefined);
    if (again === undefined) return { kind: 'fails', at: cut.from + INACTIVE_AFTER, code: 'ETIMEDOUT', movesAgainAt };
    movesAgainAt.push(again);
    at = again;
  }
}

export function outageAt(outages: readonly Outage[], time: number): Outage | undefined {
  return outages.find(({ from, until }) => from <= time && time < until);
}

function connect(outages: readonly Outage[], begins: number): { readonly at: number; readonly code?: string } {
  const outage = outageAt(outages, begins);
  if (outage === undefined) return { at: begins };
  if (outage.kind === 'link set down') return { at: begins + REFUSED_AFTER, code: 'ENETUNREACH' };
  const found = SOLICITATIONS.map((after) => begins + after).find((time) => outageAt(outages, time) === undefined);
  return found === undefined ? { at: begins + UNREACHABLE_AFTER, code: 'EHOSTUNREACH' } : { at: found };
}

function retransmissions(from: number): readonly number[] {
  const times: number[] = [];
  for (let after = FIRST_RETRANSMISSION; after < INACTIVE_AFTER; after = after * 2 + FIRST_RETRANSMISSION) {
    times.push(from + after);
  }
  return times;
}

/** Waits for what the network makes of an exchange. The signal ends it. */
export function exchange(clock: VirtualClock, carried: Carried, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const cancel = clock.at(carried.at, () => {
      signal?.removeEventListener('abort', abort);
      if (carried.kind === 'arrives') resolve();
      else reject(Object.assign(new Error(`connect ${carried.code}`), { code: carried.code, syscall: 'connect' }));
    });
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}
