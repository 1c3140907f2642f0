import { NetpauseError } from '../../errors/index.js';

/** A probe had not settled when its time was over, and long after: it was told to end by its signal, whose reason this is. */
export class ProbeHungError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_PROBE_HUNG';

  constructor(
    /** The name of the task. */
    readonly task: string,
    /** For how long it was waited, in milliseconds. */
    readonly after: number,
  ) {
    super(`the probe of ${task} did not settle within ${after} ms, although its timeout is shorter`);
  }
}
