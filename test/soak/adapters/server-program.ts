import { serveActor } from '../../lab/index.js';
import type { ServerMethods, ServerProgram, TransferServer } from './contract.js';

/** Makes the module that calls it the server of an adapter: see `contract.ts`. */
export function serveServer(server: TransferServer): ServerProgram {
  return serveActor<ServerMethods, Record<never, never>>(() => ({
    start: (options) => server.start(options),
    stop: () => server.stop(),
    holding: (name) => server.holding(name),
  }));
}
