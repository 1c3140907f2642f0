import { SimulatedNetwork } from '../../src/testing/index.js';
import type { Cleanup } from './cleanup.js';
import { monotonicMs } from './clock.js';
import { startS3 } from './s3-host.js';
import { DEADLINE, LINK_RATE } from './settings.js';
import { createSimulatedLink } from './simulated-link.js';
import type { Outage, Stage } from './stage.js';
import { uploadWithNetpause } from './with-netpause.js';
import { uploadWithPRetry } from './with-p-retry.js';

/** The story without a kernel's help: all on loopback, the link a relay that can be cut, and a SimulatedNetwork that says so. */
export async function buildSimulatedStage(cleanup: Cleanup): Promise<Stage> {
  const s3 = cleanup.use(await startS3('127.0.0.1'));
  const link = cleanup.use(await createSimulatedLink(s3.port, LINK_RATE));
  const network = new SimulatedNetwork();
  const ending = new AbortController();
  cleanup.defer(() => ending.abort());
  cleanup.defer(() => network.stop());
  const endpoint = `http://127.0.0.1:${link.port}`;
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(DEADLINE)]);

  const outage = (kind: Outage['kind'], reason: 'no-carrier' | 'unreachable'): Outage => ({
    kind,
    beginning: `cut (simulated, ${kind})`,
    ending: 'whole again (simulated)',
    async begin() {
      const at = monotonicMs();
      link.cut();
      network.down(reason);
      return at;
    },
    async end() {
      const at = monotonicMs();
      link.mend();
      network.up();
      return at;
    },
  });
  return {
    simulated: true,
    description: ['client ── simulated link ── S3 server, all on loopback'],
    outages: [outage('carrier-lost', 'no-carrier'), outage('path-lost', 'unreachable')],
    async upload(contender, onEvent) {
      const target = { endpoint, key: contender };
      if (contender === 'p-retry') {
        return uploadWithPRetry(target, onEvent, signal);
      }
      const unsubscribe = network.onChange(({ to, reason }) =>
        onEvent({ type: 'network', at: monotonicMs(), to, reason }),
      );
      try {
        return await uploadWithNetpause(target, network, onEvent, signal);
      } finally {
        unsubscribe();
      }
    },
    received: async (contender) => s3.received(contender),
  };
}
