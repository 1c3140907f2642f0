import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { toError } from '../../../errors/index.js';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { explainListening } from '../option-complaint.js';

export const LOOPBACK = '127.0.0.1';

/** Where the registry's page is to be. */
export interface Page {
  /** Holds the port until it is closed, and serves nobody. */
  readonly server: Server;
  readonly port: number;
  /** `'http://127.0.0.1:8756'` */
  readonly url: string;
  /** May be called again. */
  close(): Promise<void>;
}

/**
 * Takes a port of loopback.
 *
 * @param wanted 0 for any that is free.
 * @throws {CliError} where somebody else has it.
 */
export async function openPage(wanted: number): Promise<Page> {
  // Somebody may ask already, such as the tab of an earlier demo: whoever was let in would be waited for at the end.
  const server = createServer((socket) => socket.destroy()).listen(wanted, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new CliError(`--port: ${explainListening(toError(error))}`, EXIT.usage, { cause: error });
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wanted;
  const close = async (): Promise<void> => {
    await new Promise((resolve) => server.close(resolve));
  };
  return { server, port, url: `http://${LOOPBACK}:${port}`, close };
}
