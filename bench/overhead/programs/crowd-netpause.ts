import { createRetryer } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { serveCrowds } from '../crowd.js';

/** All are paused by the same network. */
const network = new SimulatedNetwork();
const retryer = createRetryer({ network });

serveCrowds({
  gather(count) {
    network.down();
    let begin = () => {};
    const begins = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const calls = Array.from({ length: count }, () => retryer.run(async () => begin()));
    return { begins, ends: Promise.all(calls) };
  },
  goOn: () => network.up(),
});
