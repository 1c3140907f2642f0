import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { AttemptTimeoutError } from '../../../src/errors/index.js';
import {
  type NetworkChange,
  NetworkMonitor,
  type NetworkMonitorOptions,
  type NetworkSnapshot,
  type TargetMonitor,
  type TargetOptions,
} from '../../../src/monitor/index.js';
import { createRetryer, type RetryOptions, retryReport } from '../../../src/retry/index.js';
import { type Emit, serveActor } from '../../lab/index.js';

/** What the monitor and the work in a host tell the test. */
interface MonitorActorEvents {
  state: NetworkChange;
  /** The state of a watched target. */
  target: NetworkChange & { readonly destination: string };
  error: string;
  attempt: { readonly work: string; readonly number: number };
  pause: { readonly work: string };
  resume: { readonly work: string };
  settled: { readonly work: string } & WorkResult;
}

type WorkResult =
  | { readonly ok: true; readonly reply: string; readonly attempts: number }
  | { readonly ok: false; readonly code: string; readonly attempts: number; readonly spent: number };

interface Work {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** What to do with the connection: ask once, or send and wait for a reply that the server gives after a while. */
  readonly message: string;
  /** Judge by the destination instead of the host. */
  readonly byTarget?: boolean;
  readonly options?: Omit<RetryOptions, 'network' | 'signal'>;
}

let monitor: NetworkMonitor | undefined;
const targets = new Map<string, TargetMonitor>();
const work = new Map<string, AbortController>();

const actor = serveActor(methods);

function methods(emit: Emit<MonitorActorEvents>) {
  const running = (): NetworkMonitor => {
    if (monitor === undefined) throw new Error('start the monitor first');
    return monitor;
  };
  return {
    async start(options: NetworkMonitorOptions): Promise<NetworkSnapshot> {
      monitor = new NetworkMonitor(options);
      monitor.on('state', (change) => emit('state', change));
      monitor.on('error', (error) => emit('error', String(error.stack)));
      await monitor.start();
      return monitor.snapshot();
    },
    async stop(): Promise<void> {
      await monitor?.stop();
    },
    snapshot: (): NetworkSnapshot => running().snapshot(),
    check: (): Promise<NetworkSnapshot> => running().check(),
    interfaces: () => running().interfaces(),
    watch(destination: string, options: TargetOptions = {}): string {
      const target = running().target(destination, options);
      targets.set(destination, target);
      target.onChange((change) => emit('target', { ...change, destination }));
      return `${target.state} (${target.reason})`;
    },
    /** Runs ip(8) and asks for the state in one turn of the event loop: nothing that the kernel tells of it can have been read. */
    targetStateRightAfter({ destination, command }: { destination: string; command: readonly string[] }): string {
      const target = running().target(destination);
      if (target.state !== 'up') throw new Error(`${destination} is ${target.state}`);
      execFileSync('ip', command);
      return `${target.state} (${target.reason})`;
    },
    targetState: (destination: string): string => {
      const target = targets.get(destination);
      return `${target?.state} (${target?.reason})`;
    },
    /** Starts work through the Retryer; `settled` tells how it ended. */
    begin({ name, address, port, message, byTarget = false, options = {} }: Work): void {
      const network = byTarget ? running().target(`${address}:${port}`) : running();
      const controller = new AbortController();
      work.set(name, controller);
      const retryer = createRetryer({
        ...options,
        network,
        name,
        onPause: () => emit('pause', { work: name }),
        onResume: () => emit('resume', { work: name }),
      });
      let attempts = 0;
      void retryer
        .run(
          async (number, { signal }) => {
            attempts += 1;
            emit('attempt', { work: name, number });
            return ask(address, port, message, signal);
          },
          { signal: controller.signal },
        )
        .then(
          (reply) => emit('settled', { work: name, ok: true, reply, attempts }),
          (error: unknown) => {
            const spent = retryReport(error)?.attempts.filter((each) => each.spent).length ?? 0;
            emit('settled', { work: name, ok: false, code: codeOf(error), attempts, spent });
          },
        );
    },
    abort(name: string): void {
      work.get(name)?.abort(new Error('aborted by the test'));
    },
  };
}

export type MonitorActor = typeof actor;

/** Connects, says something and waits for the answer. */
async function ask(address: string, port: number, message: string, signal: AbortSignal): Promise<string> {
  const socket = connect({ host: address, port, signal });
  try {
    await once(socket, 'connect');
    socket.write(`${message}\n`);
    return await firstLine(socket);
  } finally {
    socket.destroy();
  }
}

async function firstLine(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes('\n')) return text.trim();
  }
  throw Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
}

function codeOf(error: unknown): string {
  const known: Partial<AttemptTimeoutError> | null = typeof error === 'object' ? error : null;
  return String(known?.code ?? (error instanceof Error ? error.message : error));
}
