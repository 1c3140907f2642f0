import { readdirSync } from 'node:fs';
import {
  NetworkMonitor,
  type NetworkMonitorOptions,
  type NetworkReason,
  type NetworkSnapshot,
  type NetworkState,
  type TargetMonitor,
  type TargetOptions,
} from '../../../src/monitor/index.js';
import { createRetryer, type RetryOptions } from '../../../src/retry/index.js';
import { type Emit, serveActor } from '../../lab/index.js';
import { ask, type Dial } from './dial.js';
import { Stalls } from './stalls.js';

/** Whose word the work goes by: the host's, or that of a target. */
export interface WatchedTarget {
  readonly name: string;
  readonly destination: string;
  readonly options?: TargetOptions;
}

export interface WorkOrder {
  readonly name: string;
  /** `'host'`, or the name of a target. */
  readonly subject: string;
  readonly to: Dial;
  readonly message: string;
  readonly options: Omit<RetryOptions, 'network' | 'signal'>;
}

/** What this process has taken of the machine. */
export interface Usage {
  /** Milliseconds of processor time. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly descriptors: number;
}

interface WorkerEvents {
  verdict: { readonly subject: string; readonly state: NetworkState; readonly reason: NetworkReason };
  work: { readonly work: string } & (
    | { readonly kind: 'attempt' | 'pause' | 'resume' | 'done' }
    | { readonly kind: 'failure'; readonly code: string; readonly spent: boolean }
    | { readonly kind: 'failed'; readonly code: string }
  );
  check: { readonly host: string; readonly reachable: boolean };
  error: { readonly text: string };
}

let monitor: NetworkMonitor | undefined;
const targets = new Map<string, TargetMonitor>();
const orders = new Set<AbortController>();
const stalls = new Stalls();

/** A service as a user would write it: one monitor, and work that is retried by it. */
const worker = serveActor(methods);

function methods(emit: Emit<WorkerEvents>) {
  const running = (): NetworkMonitor => {
    if (monitor === undefined) throw new Error('start the monitor first');
    return monitor;
  };
  const watched = (subject: string): NetworkMonitor | TargetMonitor => {
    const network = subject === 'host' ? running() : targets.get(subject);
    if (network === undefined) throw new Error(`nobody watches ${subject}`);
    return network;
  };
  return {
    async start(options: NetworkMonitorOptions, destinations: readonly WatchedTarget[]): Promise<NetworkSnapshot> {
      const started = new NetworkMonitor(options);
      monitor = started;
      started.on('state', ({ to, reason }) => emit('verdict', { subject: 'host', state: to, reason }));
      started.on('check', ({ host, reachable }) => emit('check', { host, reachable }));
      started.on('error', (error) => emit('error', { text: String(error.stack) }));
      await started.start();
      for (const { name, destination, options: traits = {} } of destinations) {
        const target = started.target(destination, traits);
        targets.set(name, target);
        target.onChange(({ to, reason }) => emit('verdict', { subject: name, state: to, reason }));
        emit('verdict', { subject: name, state: target.state, reason: target.reason });
      }
      stalls.watch();
      return started.snapshot();
    },

    /** Ends the work and the monitor. @returns when the event loop stood still. */
    async finish() {
      for (const order of orders) order.abort(new Error('the scene is over'));
      orders.clear();
      targets.clear();
      await monitor?.stop();
      monitor = undefined;
      return stalls.rest();
    },

    snapshot: (): NetworkSnapshot => running().snapshot(),
    interfaces: () => running().interfaces(),
    /** What is said of a subject now. */
    verdictOn(subject: string): { readonly state: NetworkState; readonly reason: NetworkReason } {
      const { state, reason } = watched(subject);
      return { state, reason };
    },

    begin({ name, subject, to, message, options }: WorkOrder): void {
      const network = watched(subject);
      const controller = new AbortController();
      orders.add(controller);
      const retryer = createRetryer({ ...options, network, name });
      retryer.on('attempt', () => emit('work', { work: name, kind: 'attempt' }));
      retryer.on('pause', () => emit('work', { work: name, kind: 'pause' }));
      retryer.on('resume', () => emit('work', { work: name, kind: 'resume' }));
      retryer.on('failure', ({ error, spent }) =>
        emit('work', { work: name, kind: 'failure', code: codeOf(error), spent }),
      );
      void retryer
        .run((_, { signal }) => ask(to, message, signal), { signal: controller.signal })
        .then(
          () => emit('work', { work: name, kind: 'done' }),
          (error: unknown) => {
            if (!controller.signal.aborted) emit('work', { work: name, kind: 'failed', code: codeOf(error) });
          },
        );
    },

    /** Keeps the event loop from everything, as a service does that compresses or parses too much in one go. */
    block(milliseconds: number): void {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    },

    usage(): Usage {
      globalThis.gc?.();
      const { user, system } = process.cpuUsage();
      return {
        cpu: (user + system) / 1_000,
        memory: process.memoryUsage.rss(),
        descriptors: readdirSync('/proc/self/fd').length,
      };
    },

    /** Goes on with the rights of somebody else. */
    become(uid: number): void {
      process.setgid?.(uid);
      process.setuid?.(uid);
    },

    /** Has the kernel refuse netlink sockets to this thread, as container runtimes do by their seccomp profiles. */
    async forbidNetlink(): Promise<void> {
      const { forbidNetlinkSockets } = await import('./seccomp.js');
      forbidNetlinkSockets();
    },
  };
}

export type Worker = typeof worker;

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return String(code ?? (error instanceof Error ? error.message : error));
}
