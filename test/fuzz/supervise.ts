import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CAPTURED } from './captured.js';
import type { Tally } from './fuzz.js';
import { inputsFrom } from './make-input.js';

/** What a worker is told to do. */
export interface WorkerOrder {
  readonly inputs: number;
  readonly seed: number;
  /** One number, shared: the input that is being tried. */
  readonly current: Float64Array;
}

/**
 * Fuzzes in a thread of its own, watched from outside: a decoder that never comes back from an input could not report that itself.
 *
 * @param onProgress is called every second with the number of the current input.
 */
export async function fuzzSupervised(
  inputs: number,
  seed: number,
  onProgress: (input: number) => void,
): Promise<Tally> {
  const current = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)).fill(-1);
  const order: WorkerOrder = { inputs, seed, current };
  const worker = new Worker(WORKER, { eval: true, workerData: order });
  const watch = new AbortController();
  try {
    return await Promise.race([result(worker, watch.signal), hang(order, watch.signal, onProgress)]);
  } finally {
    watch.abort();
    await worker.terminate();
  }
}

/** Node.js 20 does not let workers load TypeScript of themselves, whatever loader their parent has. */
const WORKER = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import(${JSON.stringify(new URL('./worker.ts', import.meta.url).href)});
});`;

async function result(worker: Worker, signal: AbortSignal): Promise<Tally> {
  const [tally]: Tally[] = await Promise.race([
    once(worker, 'message', { signal }),
    once(worker, 'exit', { signal }).then(() => []),
  ]);
  if (tally === undefined) throw new Error('the worker has ended without a word');
  return tally;
}

/** Resolves when the worker has been at one input for too long. */
function hang(
  { seed, current }: WorkerOrder,
  signal: AbortSignal,
  onProgress: (input: number) => void,
): Promise<Tally> {
  return new Promise((resolve) => {
    let last = -1;
    let looks = 0;
    const timer = setInterval(() => {
      const input = current[0] ?? -1;
      onProgress(input);
      looks = input === last ? looks + 1 : 0;
      last = input;
      if (looks === MOST_LOOKS && input >= 0) resolve(hungAt(input, seed));
    }, 1_000);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  });
}

/** One a second. An input takes microseconds, and no machine is so busy that one takes this long. */
const MOST_LOOKS = 30;

/** Of what was tried before, the numbers are gone with the worker. */
function hungAt(input: number, seed: number): Tally {
  const hex = Buffer.from(inputsFrom(CAPTURED, seed)(input)).toString('hex');
  const finding = { input, hex, problem: `has not come to an end in ${MOST_LOOKS} s` };
  return { inputs: input + 1, decoded: 0, refused: 0, failures: 1, findings: [finding] };
}
