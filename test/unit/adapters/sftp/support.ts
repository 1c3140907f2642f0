import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createSftp, type Sftp, type SftpOptions } from '../../../../src/adapters/sftp/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { type SftpServer, type SftpServerOptions, startSftpServer } from '../../../fixtures/sftp/index.js';

/** A server, a client of it, and a folder for each. Everything is gone with the test, and it is looked whether anything is left. */
export interface Stage {
  readonly server: SftpServer;
  readonly network: SimulatedNetwork;
  readonly sftp: Sftp;
  /** Here. */
  readonly local: (name: string) => string;
  /** At the server. */
  readonly remote: (name: string) => string;
  /** Another client. */
  readonly connect: (options?: Partial<SftpOptions>) => Sftp;
}

export async function stage(
  options: Partial<SftpOptions> = {},
  serverOptions: Partial<SftpServerOptions> = {},
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'netpause-sftp-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [here, there] = ['here', 'there'].map((name) => join(folder, name));
  if (here === undefined || there === undefined) throw new Error('unreachable');
  mkdirSync(here);
  mkdirSync(there);
  const server = await startSftpServer({ root: there, ...serverOptions });
  const network = new SimulatedNetwork();
  const clients: Sftp[] = [];
  const connect = (more: Partial<SftpOptions> = {}): Sftp => {
    const client = createSftp({
      connect: { host: '127.0.0.1', port: server.port, username: 'user', password: 'secret' },
      hostKey: server.hostKeys.map(({ fingerprint }) => fingerprint),
      network,
      minTimeout: 1,
      interruptAfter: 0,
      ...options,
      ...more,
    });
    clients.push(client);
    return client;
  };
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server.idle();
    await server[Symbol.asyncDispose]();
    if (network.waiters + network.listeners + network.tracked > 0)
      throw new Error('something waits for the network still');
    if (server.openHandles > 0) throw new Error('a handle is open at the server');
  });
  return {
    server,
    network,
    sftp: connect(),
    connect,
    local: (name) => join(here, name),
    remote: (name) => join(there, name),
  };
}

/** Writes a file that is like no other. */
export function makeFile(path: string, bytes: number): void {
  writeFileSync(path, randomBytes(bytes));
}

export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** What stands in a folder. */
export function namesIn(path: string): readonly string[] {
  return existsSync(path) ? readdirSync(path).sort() : [];
}

/** Cuts the connection once, at the first request of a name from an offset on. */
export function cutAt(request: string, from: number, before: () => void = () => {}): SftpServerOptions['fault'] {
  let isCut = false;
  return ({ name, offset = 0 }) => {
    if (isCut || name !== request || offset < from) return undefined;
    isCut = true;
    before();
    return 'cut';
  };
}

/** Has the network come back when all work that had begun waits for it. */
export function upWhenAllWait({ retryer }: Sftp, network: SimulatedNetwork): void {
  const begun = new Set<number>();
  const waiting = new Set<number>();
  const look = (): void => {
    if (network.state === 'down' && [...begun].every((callId) => waiting.has(callId))) network.up();
  };
  retryer
    .on('attempt', ({ callId }) => begun.add(callId))
    .on('pause', ({ callId }) => {
      waiting.add(callId);
      look();
    })
    .on('resume', ({ callId }) => waiting.delete(callId))
    .on('settle', ({ callId }) => {
      begun.delete(callId);
      look();
    });
}
