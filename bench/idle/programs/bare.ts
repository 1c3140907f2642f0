import { serveActor } from '../../../test/lab/actor/serve.js';

/** A process with nothing in it but the bench's own line to it, as in the other. Run with `--expose-gc`. */
const bare = serveActor(() => ({
  collect(): void {
    globalThis.gc?.();
  },
}));

export type Idler = typeof bare;
