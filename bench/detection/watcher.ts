import { type Emit, serveActor } from '../../test/lab/actor/index.js';

/** What a contender makes of the network. */
export type Word = 'down' | 'up';

export function isWord(text: string): text is Word {
  return text === 'down' || text === 'up';
}

export interface Said {
  readonly word: Word;
  /** CLOCK_MONOTONIC in nanoseconds, when JavaScript (or whoever it is) knew. */
  readonly at: bigint;
  /** Which of several watchers in one process has said it. */
  readonly by?: number;
}

/** How a contender is to watch; each understands what concerns it. */
export interface WatchOptions {
  /** What is checked for reach beside the kernel. */
  readonly checkHosts?: readonly string[];
  readonly checkPort?: number;
  /** Whether work is in flight all the time. */
  readonly isWorking?: boolean;
  /** How busy the event loop is kept. */
  readonly load?: Load;
  /** How many watch side by side, their intervals spread evenly. */
  readonly watchers?: number;
}

/** Milliseconds for which the loop is kept busy in each period. */
export interface Load {
  readonly busy: number;
  readonly period: number;
}

export type Say = (word: Word, by?: number) => void;

/** Makes a program of the bench one that watches on demand. `watch` resolves, when it does, with how to stop. */
export function serveWatcher(watch: (say: Say, options: WatchOptions) => Promise<() => Promise<void> | void>) {
  let end: (() => Promise<void> | void) | undefined;
  return serveActor((emit: Emit<{ said: Said }>) => ({
    async begin(options: WatchOptions): Promise<void> {
      const calm = options.load === undefined ? () => {} : keepBusy(options.load);
      const stop = await watch((word, by) => {
        const at = process.hrtime.bigint();
        emit('said', { word, at, ...(by !== undefined && { by }) });
      }, options);
      end = async () => {
        calm();
        await stop();
      };
    },
    async end(): Promise<void> {
      await end?.();
      end = undefined;
    },
    ping(): void {},
  }));
}

export type Watcher = ReturnType<typeof serveWatcher>;

function keepBusy({ busy, period }: Load): () => void {
  const timer = setInterval(() => {
    const until = performance.now() + busy;
    while (performance.now() < until);
  }, period);
  return () => clearInterval(timer);
}
