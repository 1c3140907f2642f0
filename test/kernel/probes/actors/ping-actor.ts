import { readdirSync } from 'node:fs';
import { NetworkMonitor, type NetworkMonitorOptions } from '../../../../src/monitor/index.js';
import {
  createPinger,
  type PingerCounters,
  type PingProbeOptions,
  type PingResult,
  probePing,
} from '../../../../src/probes/ping/index.js';
import { type Emit, serveActor } from '../../../lab/index.js';

let monitor: NetworkMonitor | undefined;

/** Pings from within a host. */
const actor = serveActor((emit: Emit<{ settled: PingResult }>) => ({
  probe: (target: string, options?: PingProbeOptions): Promise<PingResult> => probePing(target, options),

  /** By a pinger of its own, whose counters come along. */
  async count(target: string, options: PingProbeOptions): Promise<{ result: PingResult; counters: PingerCounters }> {
    const pinger = createPinger();
    const result = await pinger.probe(target, options);
    return { result, counters: pinger.counters };
  },

  /** Pings many at once, and counts the descriptors that are open meanwhile. */
  async many(targets: readonly string[], options: PingProbeOptions) {
    const before = openDescriptors();
    const running = Promise.all(targets.map((target) => probePing(target, options)));
    await new Promise((resolve) => setImmediate(resolve));
    const meanwhile = openDescriptors();
    const results = await running;
    await turns();
    return { before, meanwhile, after: openDescriptors(), results };
  },

  /** Pings again and again, opening and closing sockets each time. */
  async cycle(target: string, times: number): Promise<{ before: number; after: number }> {
    const options = { count: 1, interval: 1 };
    await probePing(target, options);
    await turns();
    const before = openDescriptors();
    for (let count = 0; count < times; count += 1) await probePing(target, options);
    await turns();
    return { before, after: openDescriptors() };
  },

  /** Stands still while replies come in. */
  async stall(target: string, options: PingProbeOptions, milliseconds: number): Promise<PingResult> {
    const running = probePing(target, options);
    await new Promise((resolve) => setTimeout(resolve, (options.interval ?? 0) / 2));
    // After this, timers come before what is to be read.
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    return running;
  },

  async watch(options: NetworkMonitorOptions): Promise<string> {
    const started = new NetworkMonitor(options);
    monitor = started;
    await started.start();
    await untilState(started, (state) => state !== 'unknown');
    return started.state;
  },

  /** `settled` tells how it ended. */
  begin(target: string, options: PingProbeOptions): void {
    void probePing(target, options, { monitor }).then((result) => emit('settled', result));
  },

  async untilDown(): Promise<void> {
    if (monitor !== undefined) await untilState(monitor, (state) => state === 'down');
  },

  async stop(): Promise<void> {
    await monitor?.stop();
  },
}));

export type PingActor = typeof actor;

function untilState(watched: NetworkMonitor, isWanted: (state: NetworkMonitor['state']) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isWanted(watched.state)) return resolve();
    const release = watched.onChange(() => {
      if (!isWanted(watched.state)) return;
      release();
      resolve();
    });
  });
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** libuv closes in a later turn of its loop. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
