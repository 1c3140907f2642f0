import type { ProbeFailure } from './result.js';

/** Carries a failure from the depth of an engine up to its result; never seen outside. */
export class ProbeFailedError extends Error {
  constructor(readonly failure: ProbeFailure) {
    super(failure.message);
  }
}
