import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSftp } from '../src/adapters/sftp/index.js';
import { NetworkMonitor } from '../src/index.js';
import { AnySftpServer, loginWith, sshKeyFrom, whyNoSshd } from '../test/fixtures/sftp/index.js';
import { type ClientStage, play } from './stage/index.js';

/**
 * A file goes to an SFTP server, and the cable is pulled in the middle:
 *
 *     npx tsx examples/sftp-upload.ts
 *
 * The server is OpenSSH's own, where it is installed and this is run by root, and otherwise one made of the ssh2 package.
 */
const PORT = 2222;
const MIB = 2 ** 20;
const KEYS = { host: sshKeyFrom('the server of the example'), user: sshKeyFrom('the client of the example') };

await play(import.meta.url, {
  port: PORT,
  rate: 40_000_000,
  server: { serve: (folder) => void new AnySftpServer(folder, PORT, KEYS).start() },
  client: work,
});

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'netpause-sftp-example-'));
  const file = join(folder, 'backup.tar');
  writeFileSync(file, randomBytes(16 * MIB));

  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();
  const { hostKey, ...credentials } = loginWith(KEYS, whyNoSshd() === undefined ? 'sshd' : 'ssh2');

  const sftp = createSftp({
    connect: { host, port, ...credentials },
    hostKey,
    network: monitor,
    retries: 3,
    // What hangs on a dead link is ended half a second after the link was lost.
    interruptAfter: 500,
    onPause: ({ reason }) => say(`waits for the network (${reason})`),
    onResume: () => say('goes on'),
  });
  sftp.retryer.on('failure', ({ spent }) =>
    say(spent ? 'an attempt was spent' : 'the session is over, and no attempt was spent'),
  );

  let next = 4 * MIB;
  const { bytes, moved } = await sftp.uploadFile(file, 'backup.tar', {
    onProgress: ({ bytes: arrived, total }) => {
      if (arrived < next) return;
      next += 4 * MIB;
      say(`${arrived / MIB} of ${total / MIB} MiB have arrived`);
      if (arrived === 8 * MIB) void loseNetwork();
    },
  });
  say(`all ${bytes / MIB} MiB have arrived; ${(moved - bytes) / 1024} KiB were sent twice`);
  rmSync(folder, { recursive: true });
}
