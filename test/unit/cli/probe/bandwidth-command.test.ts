import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { captured } from '../captured.js';
import { type CliProcess, startCli } from '../cli-process.js';

const TOKEN = 'a-token-that-nobody-guesses';
const QUICK = ['--no-checks', '--duration', '200ms', '--max-bytes', '4MiB'] as const;

let folder: string;
let tokenFile: string;
const running: CliProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-bandwidth-'));
  tokenFile = join(folder, 'token.txt');
  await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
});
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A server on loopback, and where it listens. */
async function serving(...args: readonly string[]) {
  const server = startCli(['bandwidth-server', '--port', '0', ...args]);
  running.push(server);
  await server.complains(/listening on \S+:\d+,.*\n/);
  return { server, target: /listening on (\S+:\d+),/.exec(server.stderr)?.[1] ?? '' };
}

const probe = (...args: readonly string[]) => captured(['probe', 'bandwidth', ...args, ...QUICK]);

describe('netpause bandwidth-server', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('says where it listens, and ends by %s with 0', async (signal) => {
    const { server, target } = await serving();
    expect(target).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(server.stderr).toBe(`netpause: listening on ${target}, for this host alone\n`);
    server.child.kill(signal);
    expect(await server.ended()).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/stopped\n$/) });
  });

  it('says in its first line whom it does not serve, and whom it does', async () => {
    const open = await serving('--host', '::');
    expect(open.server.stderr).toMatch(/, for this host alone; others are refused, unless --allow names them\n$/);
    const known = await serving('--allow', '192.0.2.0/24', '--allow', '127.0.0.1', '--token-file', tokenFile);
    expect(known.server.stderr).toMatch(/, for clients of 192\.0\.2\.0\/24, 127\.0\.0\.1 who know the token\n$/);
    expect(known.server.stderr).not.toContain(TOKEN);
  });

  it.each([
    [['--host', 'nonsense'], '--host must be an IP address'],
    [['--port', '70000'], '--port must be a whole number from 0 to 65535, but is 70000'],
    [['--allow', '192.0.2.0/24', '--allow', '192.0.2.0/33'], "such as 192.0.2.0/24, but is '192.0.2.0/33'"],
    [['--max-bytes', '100'], 'Give a number and a unit'],
    [['--max-bytes', '10kB'], '--max-bytes must be a whole number'],
    [['--token-file', '/nonexistent'], '--token-file: '],
    [['--token-file', '/dev/null'], 'the token must be 16 to 512 printable ASCII characters'],
    [['--host', '203.0.113.77', '--port', '0'], '--host and --port: '],
  ])('%j is wrong usage: one line, and exit code 2', async (args, complaint) => {
    const { code, stderr } = await captured(['bandwidth-server', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(complaint);
    expect(stderr).toMatch(/^netpause: [^\n]+\n$/);
  });
});

describe('netpause probe bandwidth', () => {
  it('says how fast it was, both ways', async () => {
    const { target } = await serving();
    const { code, stdout } = await probe(target);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^✓ ${target} ok\n {2}download +[\\d.]+ Mbit/s, [\\d.]+ MB in [\\d.]+ s`));
    expect(stdout).toMatch(/\n {2}upload +[\d.]+ Mbit\/s/);
    expect(stdout).toMatch(/segments? sent again/);
  });

  it('in JSON: the whole result', async () => {
    const { target } = await serving();
    const { stdout } = await probe(target, '--direction', 'download', '--json');
    const { probe: engine, facts } = JSON.parse(stdout);
    expect([engine, Object.keys(facts)]).toEqual(['bandwidth', expect.arrayContaining(['download'])]);
    expect(facts.upload).toBeUndefined();
  });

  it('shows the token of its file, or of its environment, and nothing else does', async () => {
    const { target } = await serving('--token-file', tokenFile);
    expect(await probe(target)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('failed (unauthorized, target)'),
    });
    const known = await probe(target, '--token-file', tokenFile, '--direction', 'download');
    expect(known).toMatchObject({ code: 0 });
    expect(known.stdout).not.toContain(TOKEN);
    process.env['NETPAUSE_BANDWIDTH_TOKEN'] = TOKEN;
    try {
      expect(await probe(target, '--direction', 'upload')).toMatchObject({ code: 0 });
    } finally {
      delete process.env['NETPAUSE_BANDWIDTH_TOKEN'];
    }
  });

  it.each([
    [['127.0.0.1'], "the target must be 'host:port'"],
    [['127.0.0.1:9', '--direction', 'sideways'], '--direction must be one of'],
    [['127.0.0.1:9', '--streams', '100'], '--streams must be'],
    [['127.0.0.1:9', '--token-file', '/nonexistent'], '--token-file: '],
    [['127.0.0.1:9', '--timeout', '100ms'], '--timeout must be more than the duration'],
  ])('%j is wrong usage: one line, and exit code 2', async (args, complaint) => {
    const { code, stdout, stderr } = await probe(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(complaint);
    expect(stderr).toMatch(/^netpause: [^\n]+\n$/);
  });
});
