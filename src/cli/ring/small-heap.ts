import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds after which what is only needed to start is garbage. */
const STARTED = 5_000;

/**
 * Has V8 keep the heap of this process close to what it needs. By itself it lets a heap of 25 MB grow to 100 before it collects for the first time,
 * and to several times its size from then on: a process that does little for days would hold that all along.
 */
export function keepHeapSmall(): void {
  // Read whenever the next limit is set (Heap::ShouldOptimizeForMemoryUsage); the first collection of everything sets the first.
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  setTimeout(() => {
    if (typeof collect === 'function') collect();
  }, STARTED).unref();
}
