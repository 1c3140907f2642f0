import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Login, makeSshKey, whyNoSshd } from '../../fixtures/sftp/index.js';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import type { ClientProgram, Order } from './sftp/client.js';
import type { ServerProgram } from './sftp/server.js';

const MIB = 2 ** 20;
const PORT = 2222;
/** Bits per second: a file of 20 MiB takes two seconds, and whatever happens happens in the middle. */
const RATE = 80_000_000;
/** Where no sshd can be run, in a user namespace, it is the server of ssh2; with CI=true a missing one fails. */
const SERVER = whyNoSshd() === undefined ? "OpenSSH's sshd" : 'the server of ssh2';

if (process.env['CI'] === 'true' && process.getuid?.() === 0) {
  describe('the tests of SFTP', () => {
    it('have the sshd that they need', () => expect(whyNoSshd()).toBeUndefined());
  });
}

describeInLab(`SFTP with ${SERVER}, in network namespaces`, ['tc'], () => {
  const content = randomBytes(20 * MIB);
  const sha256 = createHash('sha256').update(content).digest('hex');
  let folder: string;
  let lab: Lab;
  let net: ClientRouterServer;
  let server: Actor<ServerProgram>;
  let login: Login;
  let files = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'netpause-sftp-'));
    for (const name of ['here', 'there']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'here/content'), content);
    lab = await createLab();
    net = await clientRouterServer(lab, { rate: RATE });
    server = await net.server.spawn<ServerProgram>(new URL('./sftp/server.ts', import.meta.url), {
      args: [join(folder, 'there'), `${PORT}`],
    });
    await server.call('start');
    login = await server.call('login');
  });
  afterAll(async () => {
    await server?.call('stop');
    await lab?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Begins a transfer in a client of its own. `at` resolves when so many bytes are through. */
  async function begin(order: Pick<Order, 'direction'> & Partial<Order>) {
    const client = await net.client.spawn<ClientProgram>(new URL('./sftp/client.ts', import.meta.url));
    const isUpload = order.direction === 'upload';
    const remote = `file${files++}`;
    const local = join(folder, 'here', isUpload ? 'content' : remote);
    if (!isUpload) await server.call('put', remote, content);
    const whole: Order = { host: net.addresses.server.ipv4, port: PORT, login, local, remote, ...order };
    const outcome = client.call('transfer', whole);
    const at = (bytes: number) => client.event('progress', (progress) => progress.bytes >= bytes);
    return { client, order: whole, outcome, at };
  }

  /** The file is where it should be, and nothing else that it left. */
  async function expectWhole({ direction, local, remote }: Order): Promise<void> {
    const arrived = direction === 'upload' ? await server.call('sha256', remote) : sha256Of(local);
    expect(arrived).toBe(sha256);
    expect((await server.call('names')).filter((name) => name.includes('netpause'))).toEqual([]);
    expect(readdirSync(join(folder, 'here')).filter((name) => name.includes('netpause'))).toEqual([]);
  }

  it.each(['upload', 'download'] as const)(
    'the %s goes on where it stopped when the cable is plugged in again, and spends nothing',
    async (direction) => {
      const { client, order, outcome, at } = await begin({ direction });
      await at(8 * MIB);
      await lab.pullCable('client');
      await client.event('pause', ({ reason }) => reason === 'no-carrier');
      await lab.plugIn('client');
      const { result, spent } = await outcome;
      expect(spent).toEqual([false]);
      expect(result.moved - result.bytes).toBeLessThanOrEqual(MIB);
      await expectWhole(order);
    },
  );

  it.each(['upload', 'download'] as const)(
    'the %s goes on where it stopped when the router forwards again, and spends nothing',
    async (direction) => {
      const { client, order, outcome, at } = await begin({ direction });
      await at(8 * MIB);
      await lab.stopForwarding('router');
      await client.event('pause', ({ reason }) => reason === 'unreachable');
      await lab.startForwarding('router');
      const { result, spent } = await outcome;
      expect(spent.every((wasSpent) => !wasSpent)).toBe(true);
      expect(result.moved - result.bytes).toBeLessThanOrEqual(MIB);
      await expectWhole(order);
    },
  );

  it.each(['upload', 'download'] as const)(
    'the %s goes on where it stopped when the server runs again',
    async (direction) => {
      const { order, outcome, at } = await begin({ direction });
      await at(8 * MIB);
      await server.call('stop');
      await server.call('start');
      const { result } = await outcome;
      expect(result.moved - result.bytes).toBeLessThanOrEqual(MIB);
      await expectWhole(order);
    },
  );

  it('the upload of a process that was killed is gone on with by the next', async () => {
    const { client, order, at } = await begin({ direction: 'upload' });
    await at(8 * MIB);
    process.kill(client.pid, 'SIGKILL');
    await client.exited;
    const { outcome } = await begin(order);
    const { result } = await outcome;
    expect(result.moved).toBeLessThanOrEqual(13 * MIB);
    await expectWhole(order);
  });

  it('nothing is sent to a server with another key', async () => {
    const { outcome } = await begin({ direction: 'upload', login: { ...login, hostKey: makeSshKey().fingerprint } });
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_NETPAUSE_SFTP_HOST_KEY', problem: 'changed' });
    expect((await server.call('names')).filter((name) => name.includes('netpause'))).toEqual([]);
  });
});

function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
