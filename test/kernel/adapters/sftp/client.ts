import { createSftp, type TransferProgress, type TransferResult } from '../../../../src/adapters/sftp/index.js';
import { NetworkMonitor } from '../../../../src/monitor/index.js';
import type { Login } from '../../../fixtures/sftp/index.js';
import { type Emit, serveActor } from '../../../lab/index.js';

/** One transfer. */
export interface Order {
  readonly direction: 'upload' | 'download';
  readonly host: string;
  readonly port: number;
  readonly login: Login;
  readonly local: string;
  readonly remote: string;
}

export interface Outcome {
  readonly result: TransferResult;
  /** Attempts that failed: whether each was spent. */
  readonly spent: readonly boolean[];
}

type Events = { progress: TransferProgress; pause: { readonly reason: string | undefined } };

/** A client in a host of the lab, with a monitor of its own. */
const program = serveActor((emit: Emit<Events>) => ({
  async transfer({ direction, host, port, login, local, remote }: Order): Promise<Outcome> {
    const { hostKey, ...credentials } = login;
    await using network = new NetworkMonitor({
      checkHosts: [host],
      checkPorts: [port],
      checkInterval: 500,
      checkTimeout: 500,
    });
    await network.start();
    await using sftp = createSftp({
      connect: { host, port, ...credentials },
      hostKey,
      network,
      interruptAfter: 300,
      minTimeout: 100,
      factor: 1,
    });
    const spent: boolean[] = [];
    sftp.retryer.on('failure', (event) => spent.push(event.spent));
    sftp.retryer.on('pause', ({ reason }) => emit('pause', { reason }));
    let told = 0;
    const options = {
      onProgress(progress: TransferProgress) {
        if (progress.bytes - told < TOLD_AFTER) return;
        told = progress.bytes;
        emit('progress', progress);
      },
    };
    const result = await (direction === 'upload'
      ? sftp.uploadFile(local, remote, options)
      : sftp.downloadFile(remote, local, options));
    return { result, spent };
  },
}));

export type ClientProgram = typeof program;

/** Bytes: often enough for a test to do something in the middle. */
const TOLD_AFTER = 2 ** 19;
