import type { ProbeResult } from '../../../../src/probes/result.js';
import type { ProbeFunction } from '../../../../src/probes/schedule/task.js';

export function aResult(target: string, status: ProbeResult['status'] = 'ok'): ProbeResult {
  return { probe: 'test', target, status, startedAt: Date.now(), duration: 1, samples: [1], timings: {}, facts: {} };
}

/** Answers at once. */
export const answer: ProbeFunction = async (target) => aResult(target);

/** Never settles, and does not care about its signal. */
export const deaf: ProbeFunction = () => new Promise(() => {});

/** Does not settle before its signal aborts. */
export const hangs: ProbeFunction = (_target, _options, { signal }) =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

/** Settles when the test says so, and counts what is in flight. */
export class HeldProbes {
  readonly held: { readonly target: string; readonly finish: () => void }[] = [];
  most = 0;
  starts = 0;
  #inFlight = 0;

  readonly probe: ProbeFunction = (target, _options, { signal }) =>
    new Promise((resolve, reject) => {
      this.starts += 1;
      this.#inFlight += 1;
      this.most = Math.max(this.most, this.#inFlight);
      const entry = {
        target,
        finish: () => {
          this.#inFlight -= 1;
          resolve(aResult(target));
        },
      };
      signal?.addEventListener('abort', () => {
        this.#inFlight -= 1;
        reject(signal.reason);
      });
      this.held.push(entry);
    });

  finishAll(): void {
    for (const { finish } of this.held.splice(0)) finish();
  }
}
