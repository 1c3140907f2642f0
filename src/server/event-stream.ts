import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';

/** What is sent to those who listen. */
export interface StreamedEvent {
  readonly event: string;
  /** JSON or other text. */
  readonly data: string;
}

/** Tells of events until it is unsubscribed. */
export type EventSource = (tell: (event: StreamedEvent) => void) => () => void;

/** What one listener hears, and until when. */
export interface EventStreamOptions {
  readonly source: EventSource;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** What a listener is told to begin with. */
  readonly first: readonly StreamedEvent[];
  /** Called once, when nobody listens any more. */
  readonly onEnd: () => void;
}

/** Milliseconds. Proxies close what is silent for a minute. */
const HEARTBEAT = 15_000;

/** Server-sent events (HTML Standard, section 9.2), to one listener, until it goes or the signal aborts. */
export function streamEvents(context: Context, { source, signal, first, onEnd }: EventStreamOptions): Response {
  context.header('x-accel-buffering', 'no');
  return streamSSE(context, async (stream) => {
    const waiting = new WaitingEvents(first);
    let wake = (): void => {};
    const unsubscribe = source((event) => {
      waiting.add(event);
      wake();
    });
    const end = (): void => wake();
    signal.addEventListener('abort', end);
    stream.onAbort(end);
    const heartbeat = setInterval(end, HEARTBEAT).unref();
    try {
      while (!stream.aborted && !signal.aborted) {
        const next = waiting.next();
        if (next !== undefined) await stream.writeSSE(next);
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          if (waiting.isEmpty && !stream.aborted && !signal.aborted) await stream.write(':\n\n');
        }
      }
    } finally {
      clearInterval(heartbeat);
      signal.removeEventListener('abort', end);
      unsubscribe();
      onEnd();
    }
  });
}

/** Events that wait for one slow listener. Beyond that it is told to begin anew. */
const MOST_WAITING = 1_000;

/** Characters of them. */
const MOST_WAITING_CHARACTERS = 8 * 2 ** 20;

const RESET: StreamedEvent = { event: 'reset', data: '{}' };

class WaitingEvents {
  #events: StreamedEvent[];
  #characters = 0;

  constructor(first: readonly StreamedEvent[]) {
    this.#events = [...first];
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  add(event: StreamedEvent): void {
    this.#events.push(event);
    this.#characters += event.data.length;
    if (this.#events.length <= MOST_WAITING && this.#characters <= MOST_WAITING_CHARACTERS) return;
    this.#events = [RESET];
    this.#characters = 0;
  }

  next(): StreamedEvent | undefined {
    const event = this.#events.shift();
    this.#characters = this.isEmpty ? 0 : this.#characters - (event?.data.length ?? 0);
    return event;
  }
}
