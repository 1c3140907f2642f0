import { get } from 'node:http';
import { type Emit, serveActor } from '../../test/lab/actor/index.js';

/** What becomes of one piece of work. */
export interface Step {
  readonly work: number;
  readonly kind: 'attempt' | 'done' | 'failed';
  /** CLOCK_MONOTONIC in nanoseconds. */
  readonly at: bigint;
}

/** One attempt: notes its start, and asks a server over HTTP. The signal ends it. */
export type Attempt = (signal?: AbortSignal) => Promise<void>;

/** Runs attempts by some library until one succeeds. */
export type Retry = (attempt: Attempt) => Promise<unknown>;

/** Makes a program of the bench one that works through outages, by the library's way to retry. */
export function serveWorker(open: (server: string) => Promise<Retry> | Retry) {
  let retry: Promise<Retry> | undefined;
  let server = '';
  return serveActor((emit: Emit<{ step: Step }>) => ({
    async open(url: string): Promise<void> {
      server = url;
      retry = Promise.resolve(open(url));
      await retry;
    },
    /** Begins one piece of work; its steps tell what becomes of it. */
    async begin(work: number): Promise<void> {
      const run = await retry;
      const note = (kind: Step['kind']) => emit('step', { work, kind, at: process.hrtime.bigint() });
      void run?.(async (signal) => {
        note('attempt');
        await fetchFrom(server, signal);
      }).then(
        () => note('done'),
        () => note('failed'),
      );
    },
    /** @returns the milliseconds of one exchange. */
    async roundTrip(): Promise<number> {
      const begun = performance.now();
      await fetchFrom(server);
      return performance.now() - begun;
    },
  }));
}

export type Worker = ReturnType<typeof serveWorker>;

/** On a connection of its own, as after an outage. */
function fetchFrom(url: string, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, ...(signal !== undefined && { signal }) }, (response) => {
      response.on('error', reject);
      response.on('end', resolve);
      response.resume();
    });
    request.on('error', reject);
  });
}
