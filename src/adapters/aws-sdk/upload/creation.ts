import { onAbort } from '../../../events/index.js';
import { timesSent } from '../sendings.js';
import { Multipart, type MultipartSettings } from './multipart.js';
import { textIn } from './object-calls.js';
import { removeTwins } from './twins.js';

/**
 * Creates a multipart upload. Its id is in the answer and nowhere else: once it has been asked for, the answer is waited for although the signal
 * aborts, so that what there is can be taken away.
 *
 * @param grace how long that may take, in milliseconds. Then it rejects with a `TimeoutError`.
 */
export async function createMultipart(
  settings: MultipartSettings,
  signal: AbortSignal,
  grace: number,
): Promise<Multipart> {
  const { calls, algorithm, properties, key } = settings;
  const begunAt = performance.now();
  const sendings = new Sendings();
  const ending = new AbortController();
  const releases = [
    onAbort(signal, () => {
      if (sendings.count === 0) return ending.abort(signal.reason);
      const late = AbortSignal.timeout(grace);
      releases.push(onAbort(late, () => ending.abort(late.reason)));
    }),
  ];
  try {
    const created = await calls.repeatAll(
      'CreateMultipartUpload',
      (attempt) => {
        sendings.add(attempt);
        // Its ChecksumType is COMPOSITE then, which is the default of both.
        return calls.once('CreateMultipartUpload', { ...properties, ChecksumAlgorithm: algorithm }, attempt);
      },
      ending.signal,
    );
    const id = textIn(created, 'UploadId');
    if (id === undefined) throw new Error('CreateMultipartUpload was answered without an UploadId');
    if (sendings.count > 1) {
      await removeTwins(calls, { key, id, askedFor: performance.now() - begunAt }, ending.signal);
    }
    return new Multipart(id, settings);
  } finally {
    for (const release of releases) release();
  }
}

/** How often something was handed to the network, over all attempts at it. */
class Sendings {
  readonly #attempts: AbortSignal[] = [];

  add(attempt: AbortSignal): void {
    this.#attempts.push(attempt);
  }

  get count(): number {
    return this.#attempts.reduce((sum, attempt) => sum + timesSent(attempt), 0);
  }
}
