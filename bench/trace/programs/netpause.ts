import { createRetryer } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { servePlayer } from '../player.js';
import type { Outage, Trace } from '../trace.js';
import type { VirtualClock } from '../virtual-clock.js';

/**
 * Milliseconds after which an outage is seen, where no work fails meanwhile: by the bound for when the kernel is kept from telling (see
 * `detection`), though most often it tells within one.
 */
const LOSS_SEEN_AFTER = 100;

/** And its end: 5 ms for the kernel's word and one probe, which takes a round trip of 20 ms (see `recovery`). */
const RETURN_SEEN_AFTER = 25;

servePlayer((trace, clock) => {
  const network = new SimulatedNetwork();
  follow(network, trace, clock);
  const retryer = createRetryer({ network });
  let unspent = 0;
  retryer.on('failure', ({ spent }) => {
    if (!spent) unspent += 1;
  });
  return { retry: (attempt) => retryer.run((_number, { signal }) => attempt(signal)), unspent: () => unspent };
});

function follow(network: SimulatedNetwork, { outages }: Trace, clock: VirtualClock): void {
  for (const outage of outages) {
    const { from, until } = outage;
    // A failure has the kernel asked at once.
    clock.at(from, () => network.downUnnoticed(reasonOf(outage)));
    clock.at(Math.min(from + LOSS_SEEN_AFTER, until), () => network.down(reasonOf(outage)));
    clock.at(until + RETURN_SEEN_AFTER, () => network.up());
  }
}

function reasonOf({ kind }: Outage): 'link-down' | 'no-carrier' {
  return kind === 'link set down' ? 'link-down' : 'no-carrier';
}
