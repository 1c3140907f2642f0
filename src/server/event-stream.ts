import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';

/** What is sent to those who listen. */
export interface StreamedEvent {
  readonly event: string;
  /** JSON or other text. */
  readonly data: string;
  /** What a listener that has lost its connection shows when it is back. */
  readonly id?: string;
}

/** Tells of events until it is unsubscribed. */
export type EventSource = (tell: (event: StreamedEvent) => void) => () => void;

/** Events that wait for one slow listener. Beyond that it is told to begin anew. */
const MOST_WAITING = 1_000;

/** Milliseconds. Proxies close what is silent for a minute. */
const HEARTBEAT = 15_000;

/**
 * Server-sent events (HTML Standard, section 9.2), to one listener, until it goes or the signal aborts.
 *
 * @param first what a listener is told to begin with.
 */
export function streamEvents(
  context: Context,
  source: EventSource,
  signal: AbortSignal,
  first: readonly StreamedEvent[] = [],
): Response {
  context.header('x-accel-buffering', 'no');
  return streamSSE(context, async (stream) => {
    const waiting: StreamedEvent[] = [...first];
    let wake = (): void => {};
    const unsubscribe = source((event) => {
      if (waiting.length >= MOST_WAITING) waiting.splice(0, waiting.length, { event: 'reset', data: '{}' });
      else waiting.push(event);
      wake();
    });
    const end = (): void => wake();
    signal.addEventListener('abort', end);
    stream.onAbort(end);
    const heartbeat = setInterval(end, HEARTBEAT).unref();
    try {
      while (!stream.aborted && !signal.aborted) {
        const next = waiting.shift();
        if (next !== undefined) await stream.writeSSE(next);
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          if (waiting.length === 0 && !stream.aborted && !signal.aborted) await stream.write(':\n\n');
        }
      }
    } finally {
      clearInterval(heartbeat);
      signal.removeEventListener('abort', end);
      unsubscribe();
    }
  });
}
