import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { NetworkMonitor, type NetworkMonitorOptions } from '../../../../src/monitor/index.js';
import { probeTrace, type TraceProbeOptions, type TraceResult } from '../../../../src/probes/trace/index.js';
import { type Emit, serveActor } from '../../../lab/index.js';

let monitor: NetworkMonitor | undefined;
let held: Socket | undefined;

/** Traces from within a host. */
const actor = serveActor((emit: Emit<{ settled: TraceResult }>) => ({
  probe: (target: string, options?: TraceProbeOptions): Promise<TraceResult> => probeTrace(target, options),

  /** All at once. */
  many: (targets: readonly string[], options: TraceProbeOptions): Promise<readonly TraceResult[]> =>
    Promise.all(targets.map((target) => probeTrace(target, options))),

  /** Stops all else in this process for that long, in milliseconds, while the probes are on their way. */
  async stall(target: string, options: TraceProbeOptions, time: number): Promise<TraceResult> {
    // By then, everything is loaded.
    await probeTrace(target, { ...options, rounds: 1 });
    const tracing = probeTrace(target, options);
    await turns();
    const end = performance.now() + time;
    while (performance.now() < end);
    return tracing;
  },

  /** One after the other. @returns how long each took, in milliseconds, and the descriptors that are open before and after. */
  async cycle(target: string, options: TraceProbeOptions, times: number) {
    await probeTrace(target, options);
    await turns();
    const before = openDescriptors();
    const durations: number[] = [];
    for (let count = 0; count < times; count += 1) durations.push((await probeTrace(target, options)).duration);
    await turns();
    return { durations, before, after: openDescriptors(), memory: process.memoryUsage() };
  },

  /** Has a UDP port, until it is let go. */
  async hold(port: number): Promise<void> {
    held = createSocket('udp4').bind(port);
    await once(held, 'listening');
  },

  letGo(): void {
    held?.close();
  },

  async watch(options: NetworkMonitorOptions): Promise<string> {
    const started = new NetworkMonitor(options);
    monitor = started;
    await started.start();
    await untilState(started, (state) => state !== 'unknown');
    return started.state;
  },

  /** `settled` tells how it ended. */
  begin(target: string, options: TraceProbeOptions): void {
    void probeTrace(target, options, { monitor }).then((result) => emit('settled', result));
  },

  async untilDown(): Promise<void> {
    if (monitor !== undefined) await untilState(monitor, (state) => state === 'down');
  },

  async stop(): Promise<void> {
    await monitor?.stop();
  },
}));

export type TraceActor = typeof actor;

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
