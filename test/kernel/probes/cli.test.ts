import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import {
  type ClientRouterServer,
  clientRouterServer,
  createLab,
  type Lab,
  TCP_ACTOR,
  type Tcp,
} from '../../lab/index.js';
import { Commands, ENTER, LEAVE } from './command.js';

let lab: Lab;
let net: ClientRouterServer;
let folder: string;
let target: string;

const commands = new Commands();
const start = (...args: readonly string[]) => commands.start(net.client, ...args);
const onTerminal = (...args: readonly string[]) => commands.onTerminal(net.client, ...args);

// One lab for all: each leaves it as it found it, but the last.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-probe-cli-'));
  lab = await createLab();
  net = await clientRouterServer(lab);
  const there = await net.server.spawn<Tcp>(TCP_ACTOR);
  target = `198.51.100.2:${await there.call('listen')}`;
});

afterEach(() => commands.end());

afterAll(async () => {
  await lab?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const REPEATED = ['--no-checks', '--count', 'forever', '--interval', '100ms'] as const;

describeInLab('netpause probe, on a real network', [], () => {
  it('in a pipe: says whose fault it is, through an outage of its own', async () => {
    const probing = start('probe', 'tcp', target, ...REPEATED, '--timeout', '1s');
    await probing.says(/✓ .* ok in/);
    await lab.pullCable('client');
    await probing.says(/! .* inconclusive \((offline|no-route), local\)/);
    await lab.plugIn('client');
    await probing.saysSo((output) => /inconclusive[^✓]*✓/.test(output));
    probing.child.kill('SIGINT');
    const { code, stdout } = await probing.ended();
    expect(stdout).toMatch(/0 failed {2}\d+ inconclusive {2}min\/avg\/max/);
    expect(stdout).not.toContain('✗');
    expect(code).toBe(3);
  });

  it('on a terminal: a row for each target, and a summary after q', async () => {
    const probing = onTerminal('probe', 'tcp', target, '198.51.100.2:9', ...REPEATED);
    await probing.says(/LOSS/);
    await probing.says(/refused, target.*100%/);
    await probing.saysSo((output) => /0% +[▁-█]{2}/.test(output));
    await lab.pullCable('client');
    await probing.says(/network \S*down\S* \(no-carrier\)/);
    await lab.plugIn('client');
    await probing.saysSo((output) => /network \S*up/.test(output.split('(no-carrier)').at(-1) ?? ''));
    probing.child.stdin.write('q');
    const { code, stdout } = await probing.ended();
    expect(code).toBe(1);
    expect(stdout.startsWith(ENTER)).toBe(true);
    const [, after = ''] = stdout.split(LEAVE);
    expect(stripVTControlCharacters(after)).toMatch(/198\.51\.100\.2:9 +\d+ probes +0 ok +\d+ failed/);
    expect(after.trimEnd().endsWith(' echo')).toBe(true);
  });

  it('on a terminal: the same after Ctrl-C', async () => {
    const probing = onTerminal('probe', 'tcp', target, ...REPEATED);
    await probing.saysSo((output) => /0% +[▁-█]{2}/.test(output));
    probing.child.stdin.write('\u0003');
    const { code, stdout } = await probing.ended();
    expect(code).toBe(0);
    expect(stripVTControlCharacters(stdout.split(LEAVE)[1] ?? '')).toMatch(
      /\d+ ok +0 failed +0 inconclusive +min\/avg\/max/,
    );
  });

  it('on a terminal: ends by a q that comes before anything is probed', async () => {
    const probing = onTerminal('probe', 'tcp', target, ...REPEATED);
    await probing.says(ENTER);
    probing.child.stdin.write('q');
    expect((await probing.ended()).stdout).toContain(LEAVE);
  });
});

describeInLab('netpause monitor, on a real network', [], () => {
  it('is scraped, follows its file, and rests in an outage of its own', async () => {
    const file = join(folder, 'monitor.yaml');
    await writeFile(file, tasks('first'));
    const monitor = start('monitor', file, '--no-checks', '--listen', '127.0.0.1:9400');
    await monitor.complains('serving on');
    await until('/metrics', (text) => text.includes('task="first"'));
    await lab.pullCable('client');
    await monitor.complains('offline: paused');
    expect(JSON.parse(await page('/health'))).toMatchObject({ status: 'paused', tasks: [{ state: 'paused' }] });
    await lab.plugIn('client');
    await monitor.complains('online again');
    await writeFile(`${file}.new`, tasks('second'));
    await rename(`${file}.new`, file);
    const text = await until('/metrics', (now) => now.includes('task="second"'));
    expect(text).not.toContain('task="first"');
    monitor.child.kill('SIGTERM');
    expect((await monitor.ended()).code).toBe(0);
  });

  const tasks = (name: string): string =>
    `defaults: { interval: 100ms }\ntasks:\n  - { name: ${name}, probe: tcp, target: '${target}' }\n`;
});

describeInLab('netpause probe, behind a router that passes nothing on', [], () => {
  it('blames the path, which is not its own', async () => {
    await lab.stopForwarding('router');
    const probing = start('probe', 'tcp', target, '--no-checks', '--timeout', '300ms');
    const { code, stdout } = await probing.ended();
    expect(stdout).toContain(`✗ ${target} failed (timeout, path)`);
    expect(code).toBe(1);
  });
});

/** A page of the command that runs in the client, read there. */
async function page(path: string): Promise<string> {
  const script = `fetch('http://127.0.0.1:9400${path}').then((r) => r.text()).then((text) => process.stdout.write(text))`;
  return (await net.client.exec(process.execPath, ['-e', script])).stdout;
}

/** Asks until it is as it should be; the time of the test is the bound. */
async function until(path: string, isSo: (text: string) => boolean): Promise<string> {
  for (;;) {
    const text = await page(path);
    if (isSo(text)) return text;
  }
}
