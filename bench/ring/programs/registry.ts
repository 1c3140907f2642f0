import { createRegistry } from '../../../src/ring/index.js';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** A registry with nothing else in its process. All members are behind one address here, so that the limit for one address is lifted. */
const host = serveActor(() => ({
  async listen(): Promise<number> {
    const { port } = await createRegistry({ port: 0, rate: { perSecond: 1e6, burst: 1e6 } });
    return port;
  },
  /** Bytes of the heap and of buffers, after a collection. Needs `--expose-gc`. */
  heap(): number {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
}));

export type RegistryHost = typeof host;
