import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import { requireProgram } from '../../servers/require-program.js';
import type { TraceActor } from './actors/trace-actor.js';

describeInLab('probeTrace with names', [], () => {
  let lab: Lab;
  let network: ClientRouterServer;
  let folder: string;

  beforeAll(async () => {
    lab = await createLab();
    network = await clientRouterServer(lab);
    folder = await mkdtemp(join(tmpdir(), 'netpause-names-'));
  });
  afterAll(async () => {
    await lab?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('tells those that reverse DNS has, and only where they are wanted', async (context) => {
    requireProgram(context, 'dnsmasq', 'dnsmasq-base');
    const { client, server, addresses } = network;
    const file = join(folder, 'resolv.conf');
    await writeFile(file, `nameserver ${addresses.server.ipv4}\n`);
    await client.exec('mount', ['--bind', file, '/etc/resolv.conf']);
    const record = '--ptr-record=1.2.0.192.in-addr.arpa,r1.example';
    const options = ['--no-daemon', '--no-hosts', '--no-resolv', '--user=root', '--pid-file=', '--conf-file=/dev/null'];
    // It ends with the lab.
    void server.exec('dnsmasq', [...options, record]).catch(() => {});
    const tracer = await client.spawn<TraceActor>(new URL('./actors/trace-actor.ts', import.meta.url));
    const namesIn = async (names: boolean) => {
      const { facts } = await tracer.call('probe', addresses.server.ipv4, { names, method: 'tcp', rounds: 1 });
      return facts.hops.map(({ addresses: [first] }) => first?.name);
    };
    // Until the name server listens, nothing has a name.
    await expect.poll(() => namesIn(true), { timeout: 30_000 }).toEqual(['r1.example', undefined]);
    expect(await namesIn(false)).toEqual([undefined, undefined]);
  });
});
