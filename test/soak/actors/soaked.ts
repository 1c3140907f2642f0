import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pass } from 'node:timers/promises';
import {
  type CheckResult,
  type NetworkChange,
  NetworkMonitor,
  type NetworkMonitorOptions,
} from '../../../src/monitor/index.js';
import { createRetryer, type NetworkSource } from '../../../src/retry/index.js';
import { type Emit, serveActor } from '../../lab/index.js';
import { Starvation } from './starvation.js';

/** A process with a monitor in it and work that goes by that, which can be asked what they cost. Run with `--expose-gc`. */
let monitor: NetworkMonitor | undefined;
let working: { readonly end: AbortController; readonly ended: Promise<unknown> } | undefined;
const work = { done: 0, failed: 0 };
const starvation = new Starvation();

const soaked = serveActor((emit: Emit<{ state: NetworkChange; check: CheckResult; error: string }>) => ({
  async start(options: NetworkMonitorOptions): Promise<void> {
    monitor = new NetworkMonitor(options);
    monitor.onChange((change) => emit('state', change));
    monitor.on('check', (result) => emit('check', result));
    monitor.on('error', (error) => emit('error', String(error.stack)));
    await monitor.start();
    starvation.watch();
  },
  /** `starved` counts the milliseconds that the process could not run, since it was started. */
  verdict: () => ({
    state: monitor?.state ?? 'unknown',
    reason: monitor?.reason ?? 'stopped',
    starved: starvation.total,
  }),
  /** Connects there again and again, by the word of the host and by that of the destination, until it is told to finish. */
  work(host: string, port: number): void {
    if (monitor === undefined) throw new Error('start the monitor first');
    if (working !== undefined) return;
    const sources: readonly NetworkSource[] = [monitor, monitor.target(`${host}:${port}`)];
    const end = new AbortController();
    const ended = Promise.all(sources.map((network) => workBy(network, { host, port }, end.signal)));
    working = { end, ended };
  },
  /** Resolves when no work is under way any more. @returns how many operations there have been in all. */
  async finish() {
    working?.end.abort();
    await working?.ended;
    working = undefined;
    return { ...work };
  },
  /** What it holds after a collection. */
  async holdings(): Promise<Holdings> {
    // What a collection finds to be finalized is let go of by the next one.
    for (let count = 0; count < 3; count += 1) {
      globalThis.gc?.();
      await pass(1);
    }
    const { heapUsed, external } = process.memoryUsage();
    return {
      heap: heapUsed + external,
      anonymous: anonymousMemory(),
      descriptors: readdirSync('/proc/self/fd').length,
    };
  },
}));

export type Soaked = typeof soaked;

/** What a process holds. */
export interface Holdings {
  /** Bytes that JavaScript's objects occupy, with what they hold outside the heap. */
  readonly heap: number;
  /** Bytes of all that was allocated, by native code too. */
  readonly anonymous: number;
  /** Open descriptors. */
  readonly descriptors: number;
}

/** The resident memory less that of files (proc_pid_status(5), RssAnon), which the kernel takes away and brings back as it likes. */
function anonymousMemory(): number {
  const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Longer than any fault lasts, together with the kernel's pauses before it repeats a SYN. Milliseconds. */
const ATTEMPT_TIMEOUT = 10_000;
/** Milliseconds from one operation to the next. */
const BETWEEN = 50;

async function workBy(network: NetworkSource, place: Place, until: AbortSignal): Promise<void> {
  const retryer = createRetryer({ network, timeout: ATTEMPT_TIMEOUT, minTimeout: 10, maxTimeout: 100, retries: 10 });
  while (!until.aborted) {
    try {
      await retryer.run((_, { signal }) => connectOnce(place, signal), { signal: until });
      work.done += 1;
    } catch {
      if (!until.aborted) work.failed += 1;
    }
    await pass(BETWEEN);
  }
}

function connectOnce(place: Place, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(place);
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      settle();
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    signal.addEventListener('abort', onAbort);
    socket.once('connect', () => end(resolve)).once('error', (error) => end(() => reject(error)));
  });
}
