import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { serveActor } from '../../test/lab/actor/serve.js';

/** What a crowd of operations that wait together has cost. */
export interface CrowdCost {
  /** Bytes of heap for each that waits. */
  readonly bytes: number;
  /** Delays of the event loop while all of them go on, in milliseconds; a loop with nothing to do has 1. */
  readonly delay: { readonly p99: number; readonly max: number };
  /** Milliseconds from the first that went on to the last. */
  readonly lasting: number;
  /** Bytes of heap more than before, when all are done. */
  readonly left: number;
}

/** So many operations that wait for the same thing. */
export interface Crowd {
  /** Resolves when the first of them goes on. */
  readonly begins: Promise<void>;
  /** Resolves when all are done. */
  readonly ends: Promise<unknown>;
}

export interface Crowds {
  gather(count: number): Crowd;
  /** Ends the wait, where it does not end by itself. */
  goOn?(): void;
}

/** Makes a program of the bench one in which a crowd of operations waits, and goes on. Run with `--expose-gc`. */
export function serveCrowds({ gather, goOn }: Crowds) {
  return serveActor(() => ({
    /** @param waiting milliseconds after which all of them wait, and none has gone on yet. */
    async measure(count: number, waiting: number): Promise<CrowdCost> {
      const before = heapUsed();
      const { begins, ends } = gather(count);
      await delay(waiting);
      const paused = heapUsed();
      const histogram = monitorEventLoopDelay({ resolution: 1 });
      histogram.enable();
      goOn?.();
      await begins;
      // A sample is taken when its interval has ended, so that of a blocked loop comes after the block.
      histogram.reset();
      const begun = performance.now();
      await ends;
      const lasting = performance.now() - begun;
      await delay(SETTLING);
      histogram.disable();
      return {
        bytes: (paused - before) / count,
        delay: { p99: histogram.percentile(99) / 1e6, max: histogram.max / 1e6 },
        lasting,
        left: heapUsed() - before,
      };
    },
  }));
}

export type CrowdProgram = ReturnType<typeof serveCrowds>;

/** Milliseconds in which timers that were due are cleared away. */
const SETTLING = 20;

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
