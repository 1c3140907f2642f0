import pRetry from 'p-retry';
import SftpClient from 'ssh2-sftp-client';
import { createSftp, type TransferProgress } from '../../../../src/adapters/sftp/index.js';
import { loginWith, whyNoSshd } from '../../../fixtures/sftp/index.js';
import { serveClient } from '../client-program.js';
import type { Tell, TransferOrder } from '../contract.js';
import { KEYS } from './keys.js';

const { hostKey, ...credentials } = loginWith(KEYS, whyNoSshd() === undefined ? 'sshd' : 'ssh2');

serveClient({
  async netpause(order, { network, signal, tell }) {
    const { host, port, file, name } = order;
    await using sftp = createSftp({ connect: { host, port, ...credentials }, hostKey, network, signal });
    const teller = new Teller(tell);
    sftp.retryer.on('attempt', () => teller.attemptStarts());
    sftp.retryer.on('failure', ({ spent, error }) => tell.failed({ spent, error: String(error) }));
    await sftp.uploadFile(file, name, { onProgress: (progress) => teller.read(progress) });
  },

  /** With what a user can set: keepalives, without which nothing would ever end on a dead link, and p-retry around it. */
  async bare(order, { signal, tell }) {
    let stored = 0;
    const onProgress = (bytes: number): void => {
      // Each attempt begins anew.
      stored = Math.max(stored, bytes);
      tell.stored(stored);
    };
    await pRetry(() => putOnce(order, signal, tell, onProgress), {
      retries: 3,
      signal,
      onFailedAttempt: ({ error }) => tell.failed({ spent: true, error: String(error) }),
    });
  },
});

/** Puts what progress says into the words of the soak: which bytes were moved, and not only how many. */
class Teller {
  readonly #tell: Tell;
  #position: number | undefined;
  #moved = 0;
  #stored = 0;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Each attempt begins by saying from where it goes on. */
  attemptStarts(): void {
    this.#position = undefined;
  }

  read({ bytes, moved }: TransferProgress): void {
    this.#position ??= bytes;
    const more = moved - this.#moved;
    this.#tell.moved(this.#position, more);
    this.#position += more;
    this.#moved = moved;
    this.#stored = Math.max(this.#stored, bytes);
    this.#tell.stored(this.#stored);
  }
}

async function putOnce(
  { host, port, file, name }: TransferOrder,
  signal: AbortSignal,
  tell: Tell,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const client = new SftpClient('bare', { error() {}, end() {}, close() {} });
  const end = (): void => void client.end().catch(() => {});
  signal.addEventListener('abort', end, { once: true });
  try {
    await client.connect({ host, port, ...credentials, keepaliveInterval: 2_000, keepaliveCountMax: 3 });
    let told = 0;
    await client.fastPut(file, name, {
      step(transferred) {
        tell.moved(told, transferred - told);
        told = transferred;
        onProgress(transferred);
      },
    });
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}
