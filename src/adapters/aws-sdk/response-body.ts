import { Readable } from 'node:stream';
import { NetworkDownError } from '../../errors/index.js';
import { onAbort, orAborted } from '../../events/index.js';
import { classifyFailure, type NetworkSource, type RetryOptions } from '../../retry/index.js';
import { watchForLoss } from '../shared/loss-watch.js';
import { abortError } from './abort-signal.js';
import type { Fate, Fates } from './fates.js';
import type { SdkOutput } from './sdk.js';

/** What the reading of an answer is watched by. */
export interface BodyWatch {
  readonly network: NetworkSource;
  readonly interruptAfter: RetryOptions['interruptAfter'];
  /** Whether the call may be made again when its answer was lost. */
  readonly idempotent: boolean;
  /** The call's own. */
  readonly signal: AbortSignal | undefined;
  readonly fates: Fates;
}

/**
 * Watches over an answer that is still on its way, until it has ended: on a dead connection it would never. A part of it is not asked for again, since
 * only the reader knows what it has made of the rest: the SDK, where it reads the answer itself, makes the whole call again, and a stream that
 * was handed on ends with `NetworkDownError`. It also ends with the call's signal.
 */
export function watchBody(response: SdkOutput['response'], watch: BodyWatch): void {
  const { body } = response;
  if (body instanceof Readable) watchReadable(body, watch);
  // As of the SDK's FetchHttpHandler. It is locked by whoever reads it, and can be ended by nobody else.
  else if (body instanceof ReadableStream) response.body = watchedStream(body, watch);
}

function watchReadable(body: Readable, watch: BodyWatch): void {
  if (hasArrived(body)) return;
  const over = watchUntilOver(watch, {
    onLost: (error) => destroyWhenRead(body, error),
    onAbort: (error) => body.destroy(error),
  });
  // Not `error`: a listener for it would swallow what nobody else listens for.
  body.once('close', () => over(body.errored));
}

function watchedStream(body: ReadableStream<unknown>, watch: BodyWatch): ReadableStream<unknown> {
  const reader = body.getReader();
  const ending = new AbortController();
  const end = (error: Error): void => {
    ending.abort(error);
    reader.cancel(error).catch(() => {});
  };
  const over = watchUntilOver(watch, { onLost: end, onAbort: end });
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await orAborted(reader.read(), ending.signal);
        if (!done) return controller.enqueue(value);
        over(null);
        controller.close();
      } catch (error) {
        over(error);
        controller.error(error);
      }
    },
    cancel(reason) {
      over(null);
      return reader.cancel(reason);
    },
  });
}

interface Endings {
  readonly onLost: (error: NetworkDownError) => void;
  readonly onAbort: (error: Error) => void;
}

/** @returns to be called when the answer has come to its end, with the error if that was one. */
function watchUntilOver(
  { network, interruptAfter, idempotent, signal, fates }: BodyWatch,
  endings: Endings,
): (error: unknown) => void {
  let metOutage = network.state === 'down';
  const unsubscribe = network.onChange(({ to }) => {
    metOutage ||= to === 'down';
  });
  const release = watchForLoss(network, interruptAfter, (error) => {
    // All is known, and who has not read the answer yet may never do.
    unsubscribe();
    endings.onLost(error);
  });
  const releases = [unsubscribe, release];
  if (signal?.aborted) endings.onAbort(abortError(signal));
  else if (signal !== undefined) releases.push(onAbort(signal, () => endings.onAbort(abortError(signal))));
  return (error) => {
    for (const release of releases.splice(0)) release();
    if (error === null || signal?.aborted || !idempotent) return;
    fates.set(error, metOutage || error instanceof NetworkDownError ? 'lost' : fateOf(error, network));
  };
}

/**
 * An error ends a stream for those who read it. Where nobody does yet, the SDK's checksum stream around it would end the process with an error that
 * nobody listens for, and whoever began to read later would never hear of it. A reader makes it flow, or listens for `readable`.
 */
function destroyWhenRead(body: Readable, error: NetworkDownError): void {
  const end = (): void => {
    body.destroy(error);
  };
  if (body.readableFlowing === true || body.listenerCount('readable') > 0) {
    end();
    return;
  }
  body.once('resume', end);
  body.on('newListener', (name) => {
    // By then the reader listens for errors too.
    if (name === 'readable') process.nextTick(end);
  });
}

/** Most answers are here as a whole when their headers are. */
function hasArrived(body: Readable): boolean {
  return body.destroyed || body.readableEnded || ('complete' in body && body.complete === true);
}

async function fateOf(error: unknown, network: NetworkSource): Promise<Fate> {
  if (classifyFailure(error).kind !== 'network') return 'own';
  await network.report({ ok: false, error });
  return network.state === 'down' ? 'lost' : 'own';
}
