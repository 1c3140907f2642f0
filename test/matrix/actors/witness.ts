import { type Emit, serveActor } from '../../lab/index.js';
import { type Dial, dial } from './dial.js';

/** A connection that was tried. Times are CLOCK_MONOTONIC in nanoseconds. */
export interface Try {
  readonly from: bigint;
  readonly until: bigint;
  /** `'connected'`, or the error's code. */
  readonly outcome: string;
}

/** One try begins this many milliseconds after the last, whether or not that has ended. */
const PERIOD = 50;
/** A connection that is not made in this many milliseconds is none. Less than the second after which TCP repeats its first packet. */
const PATIENCE = 300;

let tries: Try[] = [];
let timer: NodeJS.Timeout | undefined;
const listeners: (() => void)[] = [];

/** Connects to the destination of the work over and over, and knows nothing of any monitor: its word is the truth. */
const witness = serveActor((_emit: Emit<Record<never, never>>) => ({
  watch(to: Dial): void {
    clearInterval(timer);
    tries = [];
    timer = setInterval(() => void attempt(to), PERIOD);
  },

  /** Resolves when as many tries that began from now on have ended. */
  async see(count: number): Promise<void> {
    const now = process.hrtime.bigint();
    const left = () => count - tries.filter(({ from }) => from >= now).length;
    while (left() > 0) await new Promise<void>((resolve) => listeners.push(resolve));
  },

  /** Resolves when a try that began from now on was successful; at the latest after `timeout` milliseconds. */
  async getThrough(timeout: number): Promise<void> {
    const now = process.hrtime.bigint();
    const deadline = performance.now() + timeout;
    const isThrough = () => tries.some(({ from, outcome }) => from >= now && outcome === 'connected');
    while (!isThrough() && performance.now() < deadline) await new Promise<void>((resolve) => listeners.push(resolve));
  },

  /** Ends watching and tells what was seen. */
  rest(): readonly Try[] {
    clearInterval(timer);
    return tries;
  },

  /** Tries once. */
  connect: (to: Dial): Promise<string> => connectOnce(to),

  become(uid: number): void {
    process.setuid?.(uid);
  },
}));

export type Witness = typeof witness;

async function attempt(to: Dial): Promise<void> {
  const mine = tries;
  const from = process.hrtime.bigint();
  const outcome = await connectOnce(to);
  mine.push({ from, until: process.hrtime.bigint(), outcome });
  for (const listener of listeners.splice(0)) listener();
}

async function connectOnce(to: Dial): Promise<string> {
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    const socket = await dial(to, patience);
    socket.destroy();
    return 'connected';
  } catch (error) {
    if (patience.aborted) return 'ETIMEDOUT';
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
