import { readFileSync } from 'node:fs';
import { NetworkMonitor } from '../../../../src/monitor/index.js';
import {
  type BandwidthProbeOptions,
  type BandwidthResult,
  type BandwidthServer,
  type BandwidthServerOptions,
  createBandwidthServer,
  probeBandwidth,
} from '../../../../src/probes/bandwidth/index.js';
import { serveActor } from '../../../lab/index.js';

let monitor: NetworkMonitor | undefined;
let server: BandwidthServer | undefined;

/** A process that tests bandwidth, or is tested against. */
const actor = serveActor(() => ({
  probe: (target: string, options: BandwidthProbeOptions): Promise<BandwidthResult> =>
    probeBandwidth(target, options, { monitor }),
  /** @returns the port. */
  async serve(options: BandwidthServerOptions): Promise<number> {
    await server?.close();
    server = await createBandwidthServer({ host: '::', port: 0, testsPerMinute: 10_000, ...options });
    return server.port;
  },
  /** Bytes that its uplink has carried, both ways. */
  traffic: (): number =>
    ['rx_bytes', 'tx_bytes']
      .map((counter) => Number(readFileSync(`/sys/class/net/eth0/statistics/${counter}`, 'utf8')))
      .reduce((sum, bytes) => sum + bytes),
  /** From now on the state of this host's network is known. */
  async watch(checkHost: string, port: number): Promise<string> {
    monitor = new NetworkMonitor({ checkHosts: [checkHost], checkPorts: [port], checkInterval: 60_000 });
    await monitor.start();
    return (await monitor.check()).state;
  },
  async unwatch(): Promise<void> {
    await monitor?.stop();
    monitor = undefined;
  },
}));

export type BandwidthActor = typeof actor;
