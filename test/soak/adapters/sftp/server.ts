import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AnySftpServer } from '../../../fixtures/sftp/index.js';
import type { Holding, ServerOptions, TransferServer } from '../contract.js';
import { serveServer } from '../server-program.js';
import { sha256Of } from '../transfer.js';
import { KEYS } from './keys.js';

/** OpenSSH's sshd, or the server of ssh2 where that cannot be run. */
class SoakedSftpServer implements TransferServer {
  #server: AnySftpServer | undefined;

  async start({ port, folder }: ServerOptions): Promise<void> {
    this.#server ??= new AnySftpServer(folder, port, KEYS);
    await this.#server.start();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  async holding(name: string): Promise<Holding> {
    const root = this.#server?.root ?? '';
    const unfinished = (await readdir(root)).filter((each) => each !== name);
    return { sha256: await sha256Of(join(root, name)), unfinished };
  }
}

export type SftpServerProgram = typeof program;

const program = serveServer(new SoakedSftpServer());
