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

  async versus(target: string, n: number, method: 'udp' | 'icmp' | 'tcp') {
    const { execFile } = await import('node:child_process'); const { promisify } = await import('node:util'); const run = promisify(execFile);
    const flags = { udp: [], icmp: ['-I'], tcp: ['-T'] }[method];
    const ours: number[] = [], theirs: number[] = [];
    for (let i = 0; i < n; i++) {
      let s = performance.now(); const r = await probeTrace(target, { method }); ours.push(performance.now() - s); if (r.facts.received !== r.facts.sent) console.error('lost');
      s = performance.now(); await run('traceroute', ['-n', ...flags, target]); theirs.push(performance.now() - s);
    }
    const m = (a: number[]) => a.sort((x, y) => x - y)[n >> 1]!;
    return `${method}: ours ${m(ours).toFixed(2)} execFile(traceroute -n) ${m(theirs).toFixed(2)} ratio ${(m(theirs) / m(ours)).toFixed(2)}`;
  },
  async profile(target: string, n: number) {
    const { Session } = await import('node:inspector/promises');
    const session = new Session(); session.connect();
    for (let i = 0; i < 100; i++) await probeTrace(target, {});
    await session.post('Profiler.enable'); await session.post('Profiler.setSamplingInterval', { interval: 100 }); await session.post('Profiler.start');
    const cpu0 = process.cpuUsage();
    for (let i = 0; i < n; i++) { await probeTrace(target, {}); await new Promise((r) => setTimeout(r, 8)); }
    const cpu = process.cpuUsage(cpu0);
    const { profile } = await session.post('Profiler.stop');
    const self = new Map<string, number>(); const byId = new Map(profile.nodes.map((x: any) => [x.id, x]));
    (profile.samples as number[]).forEach((id, i) => { const x: any = byId.get(id); const k = x.callFrame.functionName + ' ' + x.callFrame.url.split('/').pop() + ':' + x.callFrame.lineNumber; self.set(k, (self.get(k) ?? 0) + (profile.timeDeltas as number[])[i]!); });
    return [`user ${(cpu.user/1000/n).toFixed(2)} sys ${(cpu.system/1000/n).toFixed(2)}`, ...[...self].sort((p, q) => q[1] - p[1]).slice(0, 40).map(([k, v]) => `${(v / 1000 / n).toFixed(3)} ${k}`)].join('\n');
  },
  async soak(target: string, ms: number, every: number) { const rows: string[] = []; const start = performance.now(); let n = 0; let lost = 0; const cpu0 = process.cpuUsage(); while (performance.now() - start < ms) { const due = start + n * every; await new Promise((r) => setTimeout(r, Math.max(0, due - performance.now()))); const r = await probeTrace(target, {}); n += 1; lost += r.facts.sent - r.facts.received; if (n % 100 === 0) { globalThis.gc?.(); const m = process.memoryUsage(); rows.push(`${n} heap ${(m.heapUsed/1e6).toFixed(2)} rss ${(m.rss/1e6).toFixed(1)} fds ${openDescriptors()}`); } } const cpu = process.cpuUsage(cpu0); rows.push(`user ${(cpu.user/1000/n).toFixed(2)} sys ${(cpu.system/1000/n).toFixed(2)} ms per trace`); rows.push(`cpu ${((cpu.user+cpu.system)/1000/ms*100).toFixed(2)} % lost ${lost} n ${n}`); return rows; },
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
