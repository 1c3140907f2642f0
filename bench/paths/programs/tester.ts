import {
  type BandwidthFacts,
  type BandwidthProbeOptions,
  createBandwidthServer,
  probeBandwidth,
} from '../../../src/probes/index.js';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** Bytes that no test reaches. */
const ENDLESS = 2 ** 45;

/** An end of links whose throughput netpause measures. */
const tester = serveActor(() => ({
  /** @returns the port. */
  async serve(): Promise<number> {
    const { port } = await createBandwidthServer({
      host: '0.0.0.0',
      port: 0,
      allow: ['0.0.0.0/0'],
      maxBytes: ENDLESS,
      testsPerMinute: 1_000,
    });
    return port;
  },
  async probe(target: string, options: BandwidthProbeOptions): Promise<BandwidthFacts> {
    const result = await probeBandwidth(target, { ...options, maxBytes: ENDLESS });
    if (result.status !== 'ok') throw new Error(`${target}: ${result.message}`);
    return result.facts;
  },
}));

export type Tester = typeof tester;
