import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnySftpServer } from '../../../fixtures/sftp/index.js';
import { serveActor } from '../../../lab/index.js';

/** An SFTP server in a host of the lab. Its arguments are a folder and a port. */
const program = serveActor(() => {
  const [, , folder = '', port = ''] = process.argv;
  const server = new AnySftpServer(folder, Number(port));
  const path = (name: string): string => join(server.root, name);
  return {
    start: () => server.start(),
    stop: () => server.stop(),
    login: () => server.login,
    put: (name: string, bytes: Uint8Array) => writeFileSync(path(name), bytes),
    names: (): readonly string[] => readdirSync(server.root).sort(),
    sha256: (name: string): string =>
      createHash('sha256')
        .update(readFileSync(path(name)))
        .digest('hex'),
    kind: () => server.kind,
  };
});

export type ServerProgram = typeof program;
