import { MessageChannel, Worker } from 'node:worker_threads';
import { NetworkMonitor, type NetworkMonitorOptions } from '../../../src/monitor/index.js';
import { shareNetwork } from '../../../src/service/index.js';
import { type Emit, serveActor } from '../../lab/index.js';

/** A process with a monitor in its main thread, and work in worker threads. */

interface WorkEvent {
  readonly name: string;
  readonly text?: string;
}

let monitor: NetworkMonitor | undefined;

const actor = serveActor(
  (emit: Emit<{ work: WorkEvent; state: { readonly to: string }; exit: { readonly code: number } }>) => ({
    async start(options: NetworkMonitorOptions): Promise<string> {
      monitor = new NetworkMonitor(options);
      monitor.on('state', ({ to }) => emit('state', { to }));
      await monitor.start();
      return monitor.snapshot().source;
    },
    /** Starts a worker thread that runs a compiled program. */
    work(file: string, settings: { readonly address: string; readonly port: number; readonly message: string }): void {
      if (monitor === undefined) throw new Error('start the monitor first');
      const { port1, port2 } = new MessageChannel();
      shareNetwork(monitor, port1);
      const worker = new Worker(file, {
        workerData: { ...settings, networkPort: port2 },
        transferList: [port2],
        execArgv: [],
      });
      worker.on('message', (event: WorkEvent) => emit('work', event));
      worker.on('exit', (code) => emit('exit', { code }));
    },
  }),
);

export type ServiceOwner = typeof actor;
