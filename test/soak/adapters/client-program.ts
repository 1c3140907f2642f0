import { setTimeout as pass } from 'node:timers/promises';
import { NetworkMonitor } from '../../../src/monitor/index.js';
import { type Emit, serveActor } from '../../lab/index.js';
import type {
  BareTransfer,
  ClientEvents,
  ClientMethods,
  ClientProgram,
  Tell,
  Transfer,
  TransferContext,
  TransferEnd,
  TransferOrder,
} from './contract.js';
import { type Inventory, inventory, surplus } from './inventory.js';

interface Transfers {
  readonly netpause: Transfer;
  readonly bare: BareTransfer;
}

/** Makes the module that calls it the client of an adapter: see `contract.ts`. */
export function serveClient(transfers: Transfers): ClientProgram {
  return serveActor<ClientMethods, ClientEvents>((emit) => {
    let before: Inventory = new Map();
    return {
      begin(order) {
        before = inventory();
        const telling = new Telling(emit);
        void run(transfers, order, telling.tell).then((end) => {
          telling.flush();
          emit('ended', end);
        });
      },
      leftovers: () => leftoversBeyond(before),
    };
  });
}

async function run(transfers: Transfers, order: TransferOrder, tell: Tell): Promise<TransferEnd> {
  const bound = new AbortController();
  const timer = setTimeout(() => bound.abort(new Error(`not done after ${order.bound} ms`)), order.bound);
  const context = { signal: bound.signal, tell };
  try {
    const transfer =
      order.mode === 'bare' ? transfers.bare(order, context) : watched(transfers.netpause, order, context);
    // A library that does not heed its signal would never come to an end.
    await Promise.race([transfer, aborted(bound.signal)]);
    return { ok: true };
  } catch (error) {
    return { ok: false, error: describe(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function watched(
  transfer: Transfer,
  order: TransferOrder,
  context: Omit<TransferContext, 'network'>,
): Promise<void> {
  const network = new NetworkMonitor({
    checkHosts: order.checkHosts,
    checkPorts: [order.checkPort],
    checkInterval: 1_000,
    checkTimeout: 1_000,
  });
  await network.start();
  try {
    await transfer(order, { ...context, network });
  } finally {
    await network.stop();
  }
}

/** How long a transfer may take to come to its end once it was aborted, in milliseconds. */
const TO_ABORT = 5_000;

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), TO_ABORT), { once: true });
  });
}

/** Bytes that are put together to one event. */
const TOLD_TOGETHER = 256 * 1024;

/** Tells the runner, but not of every chunk. */
class Telling {
  readonly #emit: Emit<ClientEvents>;
  #run: { offset: number; bytes: number } | undefined;
  #stored = 0;

  constructor(emit: Emit<ClientEvents>) {
    this.#emit = emit;
  }

  readonly tell: Tell = {
    moved: (offset, bytes) => {
      const run = this.#run;
      if (run === undefined || run.offset + run.bytes !== offset) {
        this.flush();
        this.#run = { offset, bytes };
      } else {
        run.bytes += bytes;
        if (run.bytes >= TOLD_TOGETHER) this.flush();
      }
    },
    stored: (bytes) => {
      if (bytes < this.#stored) throw new Error(`${this.#stored} bytes were stored, and now ${bytes}`);
      if (bytes - this.#stored < TOLD_TOGETHER) return;
      this.#stored = bytes;
      this.#emit('stored', { bytes });
    },
    failed: (attempt) => {
      // What it had moved is before it.
      this.flush();
      this.#emit('failed', attempt);
    },
  };

  flush(): void {
    if (this.#run !== undefined) this.#emit('moved', this.#run);
    this.#run = undefined;
  }
}

/** What was closed may take some turns of the event loop to be gone; milliseconds, and a bound. */
const TO_BE_GONE = 6_000;

async function leftoversBeyond(before: Inventory): Promise<readonly string[]> {
  const deadline = performance.now() + TO_BE_GONE;
  for (;;) {
    const left = surplus(inventory(), before);
    if (left.length === 0 || performance.now() > deadline) return left;
    await pass(20, undefined, { ref: false });
  }
}

/** Its class or code, its message, and those of its causes. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const cause = error.cause === undefined ? '' : ` (${describe(error.cause)})`;
  return `${code}: ${error.message}${cause}`;
}
