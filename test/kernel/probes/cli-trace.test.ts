import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { createLab, type Host, type Lab } from '../../lab/index.js';
import { writeMmdb } from '../../unit/probes/geo/write-mmdb.js';
import type { NameServer } from './actors/name-server.js';
import { Commands, ENTER, LEAVE } from './command.js';
import { answerAll, answerSome, type Chain, chainOf } from './paths/chain.js';

const ROUTERS = 4;
const REPEATED = ['--no-checks', '--count', 'forever', '--interval', '100ms', '--timeout', '500ms'] as const;
/** What no terminal is to be told by somebody who may name his router as he likes. */
const HOSTILE = 'r2\u001b[2J\u001b]0;title\u0007.example';

describeInLab('netpause probe trace', [], () => {
  const commands = new Commands();
  let lab: Lab;
  let chain: Chain;
  let folder: string;
  let target: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpause-cli-trace-'));
    lab = await createLab();
    chain = await chainOf(lab, ROUTERS);
    target = addressOf(ROUTERS + 1);
    const names = await chain.server.spawn<NameServer>(new URL('./actors/name-server.ts', import.meta.url));
    await names.call('serve', { [addressOf(1)]: 'r1.example', [addressOf(2)]: HOSTILE, [target]: 'server.example' });
    await writeFile(join(folder, 'resolv.conf'), `nameserver ${target}\n`);
    await chain.client.exec('mount', ['--bind', join(folder, 'resolv.conf'), '/etc/resolv.conf']);
  });
  afterEach(() => commands.end());
  afterAll(async () => {
    await lab?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const addressOf = (hop: number): string => chain.hops[hop - 1]?.ipv4 ?? '';
  const router = (hop: number): Host => chain.routers[hop - 1] ?? chain.server;
  const run = (...args: readonly string[]) => commands.start(chain.client, 'probe', 'trace', ...args).ended();
  const escaped = (text: string): string => text.replaceAll('.', '\\.');
  /** The third router answers from another address, as one in its place would, until the returned function is called. */
  const changePath = async (): Promise<() => Promise<unknown>> => {
    const route = ['route', 'replace', '192.0.2.0/24', 'via', '198.51.100.9'] as const;
    await router(3).configure(['address', 'replace', '203.0.113.3/32', 'dev', 'lo'], [...route, 'src', '203.0.113.3']);
    return () => router(3).configure([...route]);
  };

  it('shows a table of hops, with names that do no harm', async () => {
    const { code, stdout } = await run(target, '--no-checks', '--names');
    expect(code).toBe(0);
    const [verdict, head, ...lines] = stdout.trimEnd().split('\n');
    expect(verdict).toMatch(
      new RegExp(`^✓ ${escaped(target)} ok in [\\d.]+ ms, 5 hops away, loss 0%, path [\\da-f]{16}$`),
    );
    expect(head).toMatch(/^ {2}HOP +LOSS +MIN ms +AVG ms +MAX ms +HOST$/);
    expect(lines).toHaveLength(ROUTERS + 1);
    expect(lines[0]).toMatch(new RegExp(` 1 +0%( +[\\d.]+){3} +r1\\.example \\(${escaped(addressOf(1))}\\)$`));
    expect(lines[1]).toContain('title');
    expect(lines[2]).toMatch(new RegExp(` 3 +0%( +[\\d.]+){3} +${escaped(addressOf(3))}$`));
    expect(lines[4]).toMatch(/ 5 +0%( +[\d.]+){3} +server\.example /);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('knows places and networks by files', async () => {
    const [city, asn] = [join(folder, 'city.mmdb'), join(folder, 'asn.mmdb')];
    const place = {
      city: { names: { en: 'Vienna' } },
      country: { iso_code: 'AT' },
      location: { latitude: 48.2, longitude: 16.4 },
    };
    await writeFile(city, writeMmdb({ networks: [['198.51.100.0/24', place]] }));
    const network = { autonomous_system_number: 64_500, autonomous_system_organization: 'Example\u001b[31m Net' };
    await writeFile(asn, writeMmdb({ networks: [['198.51.100.0/24', network]] }));
    const geo = ['--geo-city', city, '--geo-asn', asn, '--here', '52.5,13.4'];
    const { stdout } = await run(target, '--no-checks', ...geo);
    expect(stdout).toMatch(/ ok in .*, Vienna, AT, AS64500 Example\?\[31m Net, 52\d km\n/);
    expect(stdout).toMatch(
      new RegExp(`${escaped(addressOf(2))} {2}Vienna, AT, AS64500 Example\\?\\[31m Net, 52\\d km\n`),
    );
    expect(stdout).toMatch(new RegExp(`${escaped(addressOf(1))}\n`));
    const { stdout: json } = await run(target, '--no-checks', '--json', ...geo);
    expect(JSON.parse(json)).toMatchObject({ probe: 'trace', status: 'ok', facts: { geo: { city: 'Vienna' } } });
  });

  it('marks a hop that limits its errors, and blames it for nothing', async () => {
    await answerSome(router(2));
    const { stdout } = await run(target, '--no-checks', '--rounds', '1', '--flows', '16');
    await answerAll(router(2));
    expect(stdout).toMatch(/\n +2 +\d\d% \* /);
    expect(stdout).toContain('limits how many errors it sends');
    expect(stdout).toMatch(/5 hops away, loss 0%/);
  });

  it('in a pipe: a line for each trace, with where the path has changed', async () => {
    const tracing = commands.start(chain.client, 'probe', 'trace', target, ...REPEATED);
    await tracing.says(/5 hops away, loss 0%, path [\da-f]{16}\n/);
    const undo = await changePath();
    await tracing.says(`path changed (hop 3: ${addressOf(3)} → 203.0.113.3)`);
    await undo();
    await tracing.says(`path changed (hop 3: 203.0.113.3 → ${addressOf(3)})`);
    tracing.child.kill('SIGINT');
    const { code, stdout } = await tracing.ended();
    expect(code).toBe(0);
    expect(stdout.match(/path changed/g)).toHaveLength(2);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/ 0 failed +0 inconclusive +min\/avg\/max /);
  });

  it('on a terminal: a screen of hops, which follows the path and its keys', async () => {
    const tracing = commands.onTerminal(chain.client, 'probe', 'trace', target, ...REPEATED);
    await tracing.says(/HOP +LOSS +HOST +SENT +LAST +AVG +BEST +WORST +STDEV/);
    await tracing.saysSo((output) =>
      new RegExp(`5 +0% +${escaped(target)} +\\d+( +[\\d.]+){5} +[▁-█]{2}`).test(output),
    );
    tracing.child.stdin.write('n');
    await tracing.says('r1.example');
    const undo = await changePath();
    await tracing.says(/path changed once, last \d\d:\d\d:\d\d/);
    await tracing.says(new RegExp(`until \\d\\d:\\d\\d:\\d\\d (r3|${escaped(addressOf(3))})`));
    await undo();
    await tracing.says('path changed 2 times');
    tracing.child.stdin.write('d');
    await tracing.says(/HOST +AVG +JITTER/);
    tracing.child.stdin.write('p');
    await tracing.says('paused');
    tracing.child.stdin.write('r');
    await tracing.saysSo((output) => /0 rounds[\s\S]*q quit/.test(lastFrame(output)));
    tracing.child.stdin.write('p');
    await tracing.saysSo(
      (output) => /[1-9]\d* rounds?[\s\S]*q quit/.test(lastFrame(output)) && !lastFrame(output).includes('paused'),
    );
    tracing.child.stdin.write('q');
    const { code, stdout } = await tracing.ended();
    expect(code).toBe(0);
    expect(stdout.startsWith(ENTER)).toBe(true);
    expect(stdout).not.toContain('\u001b]0;');
    const report = stripVTControlCharacters(stdout.split(LEAVE)[1] ?? '');
    expect(report).toMatch(/\n +5 +0% +server\.example/);
    expect(report.trimEnd().endsWith(' echo')).toBe(true);
  });

  it('on a terminal: what is lost while this host is offline counts for nothing', async () => {
    const tracing = commands.onTerminal(chain.client, 'probe', 'trace', target, ...REPEATED);
    await tracing.saysSo((output) => /[3-9] rounds/.test(output));
    await lab.pullCable('client');
    await tracing.says('this host is offline: what is lost now counts for nothing');
    await tracing.says(/\d+ more not judged/);
    await lab.plugIn('client');
    await tracing.saysSo((output) => /network up[\s\S]*5 +0% +198/.test(lastFrame(output)));
    tracing.child.stdin.write('\u0003');
    const { code, stdout } = await tracing.ended();
    // Nothing failed, but not all could be judged.
    expect(code).toBe(3);
    const report = stripVTControlCharacters(stdout.split(LEAVE)[1] ?? '');
    expect(report).toMatch(/\d+ rounds, \d+ more not judged/);
    expect(report).not.toContain('did not reach it');
    for (const hop of chain.hops) expect(report).toMatch(new RegExp(` 0% +${escaped(hop.ipv4)} `));
  });

  /** What has been drawn since the cursor was last at home, as text. */
  function lastFrame(output: string): string {
    return stripVTControlCharacters(output.split('\u001b[1;1H').at(-1) ?? '');
  }
});
