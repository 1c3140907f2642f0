import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { until } from '../lab/bounded.js';
import { runCommand } from '../lab/command.js';
import { type CliProcess, startCli } from '../unit/cli/cli-process.js';
import { RedisServer } from './redis-server.js';
import { isInstalled } from './require-program.js';

const [hasRedis, hasOpenssl] = await Promise.all(['redis-server', 'openssl'].map(isInstalled));

const [OLD, NEW] = ['the-token-from-before', 'the-token-from-now-on'];
const PASSWORD = 'pass/word@of-redis';

/** None of those of whoever runs the tests. */
const ENV = { REDIS_URL: '', LOG_LEVEL: '', NETRING_TOKEN: '', NETRING_LOCATION: '', NETRING_REGISTRY_URL: '' };

let folder: string;
let redis: RedisServer | undefined;
const running: CliProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-ring-'));
});
afterEach(async () => {
  for (const { child } of running.splice(0)) {
    const ended = once(child, 'close');
    if (child.kill('SIGKILL')) await ended;
  }
  await redis?.stop();
  redis = undefined;
  await rm(folder, { recursive: true, force: true });
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): CliProcess {
  const cli = startCli(['ring', ...args], { env: { ...ENV, ...env } });
  running.push(cli);
  return cli;
}

/** A registry on a free port of loopback, and where it listens. */
async function startRegistry(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const cli = start(['registry', '--port', '0', ...args], env);
  await cli.complains(/Prometheus scrapes .*\n/);
  return { cli, url: /listening on (\S+?)[,;]/.exec(cli.stderr)?.[1] ?? '' };
}

const QUICK = ['poll', 'check', 'heartbeat', 'report', 'traceroute'].flatMap((name) => [`--${name}-interval`, '500ms']);

/** A member on a free port of loopback, quick enough for a test. */
const startMember = (id: string, registry: string, ...args: readonly string[]): CliProcess =>
  start(['member', '--port', '0', '--id', id, '--location', `dc-${id}`, '--registry', registry, ...QUICK, ...args]);

async function get(url: string, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
}

async function post(url: string, body: object, token?: string): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const options = { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(10_000) };
  return (await fetch(url, options)).status;
}

async function read(url: string) {
  const answer: unknown = await (await get(url)).json();
  return answer;
}

const register = (url: string, id: string, token?: string) =>
  post(`${url}/register`, { instance_id: id, location: 'dc1', ip: '127.0.0.1', port: 1 }, token);

const membersSchema = z.object({ members: z.array(z.object({ instance_id: z.string(), status: z.string() })) });

async function members(url: string): Promise<readonly string[]> {
  const found = membersSchema.parse(await read(`${url}/members`)).members;
  return found.flatMap(({ instance_id: id, status }) => (status === 'active' ? [id] : [])).sort();
}

const check = z.object({ type: z.string(), verdict: z.string() });
const metricsSchema = z.object({ metrics: z.record(z.string(), z.object({ checks: z.array(check) })) });

/** What a member has found of another, in words: `'tcp ok'`. */
async function verdictsOf(url: string, id: string): Promise<readonly string[]> {
  const checks = metricsSchema.parse(await read(`${url}/metrics`)).metrics[id]?.checks ?? [];
  return [...new Set(checks.map(({ type, verdict }) => `${type} ${verdict}`))].sort();
}

describe('a registry and two members, by the command alone', () => {
  it('find each other, find that all is well, and leave', async () => {
    const { cli: registry, url } = await startRegistry();
    const [first, second] = [startMember('m1', url), startMember('m2', url, '--json')];
    await Promise.all([first.complains(/registered/), second.says('"message":"registered"')]);
    expect(await members(url)).toEqual(['m1', 'm2']);
    for (const id of ['m1', 'm2']) {
      await until(
        async () => ['http ok', 'tcp ok', 'traceroute ok'].every(Set.prototype.has, new Set(await verdictsOf(url, id))),
        () => `for ${id} to find that all is well; it said\n${first.stderr}${second.stdout}`,
      );
    }
    expect(await read(`${url}/topology`)).toMatchObject({ summary: { locations: ['dc-m1', 'dc-m2'] } });
    expect((await verdictsOf(url, 'm1')).filter((each) => !/ ok$|^ping /.test(each))).toEqual([]);

    first.child.kill('SIGTERM');
    expect(await first.ended()).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/SIGTERM: leaving the ring\n(.*\n)?netpause: stopped\n$/),
    });
    await registry.complains(/member left id=m1 location=dc-m1/);
    second.child.kill('SIGINT');
    const { code, stdout, stderr } = await second.ended();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const said = stdout.trimEnd().split('\n');
    expect(said.map((line) => JSON.parse(line).message)).toEqual(
      expect.arrayContaining(['member listening', 'registered', 'verdict changed', 'stopping', 'stopped']),
    );
    expect(await members(url)).toEqual([]);

    registry.child.kill('SIGTERM');
    expect(await registry.ended()).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/SIGTERM: stopping\nnetpause: stopped\n$/),
    });
  });
});

describe('the tokens of a registry', () => {
  it('are changed by changing their file, while it runs', async () => {
    const [file, readFile] = [join(folder, 'tokens.txt'), join(folder, 'read-tokens.txt')];
    const replace = async (text: string) => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    await writeFile(file, `${OLD}\n`);
    await writeFile(readFile, 'a-token-for-reading\n');
    const { cli, url } = await startRegistry(['--token-file', file, '--read-token-file', readFile]);
    expect(cli.stderr).toContain('members need a token, reading needs a token too');
    const statuses = () => Promise.all([undefined, OLD, NEW].map((token) => register(url, 'm1', token)));
    expect(await statuses()).toEqual([401, 200, 401]);
    expect((await get(`${url}/members`)).status).toBe(401);
    expect((await get(`${url}/members`, 'a-token-for-reading')).status).toBe(200);

    await replace(`${NEW}\n${OLD}\n`);
    await cli.complains(/read tokens again file=\S+ tokens=2/);
    expect(await statuses()).toEqual([401, 200, 200]);

    await replace('short\n');
    await cli.complains(/error the tokens from before go on counting file=\S+ fault=".*tokens\.txt:1: /);
    expect(await statuses()).toEqual([401, 200, 200]);

    await replace(`${NEW}\n`);
    await cli.complains(/read tokens again file=\S+ tokens=1/);
    // What has not changed is read as well, when that is asked for.
    cli.child.kill('SIGHUP');
    await cli.complains(/read tokens again file=\S+read-tokens\.txt tokens=1/);
    expect(await statuses()).toEqual([401, 401, 200]);
    cli.child.kill('SIGTERM');
    expect((await cli.ended()).code).toBe(0);
    expect(cli.stderr).not.toMatch(new RegExp(`${OLD}|${NEW}|a-token-for-reading`));
  });
});

describe.skipIf(!hasRedis)('registries with one Redis', () => {
  it('share what they know, and begin also while it is away', async () => {
    redis = await RedisServer.start();
    await redis.kill();
    const first = await startRegistry(['--redis', redis.url]);
    expect(first.cli.stderr).toContain(`it keeps all in Redis, at ${redis.url}\n`);
    await first.cli.complains(/warn {2}Redis is away/);
    expect((await get(`${first.url}/health`)).status).toBe(503);
    expect(await register(first.url, 'm1')).toBe(200);

    await redis.resume();
    await first.cli.complains(/info {2}Redis is back/);
    expect((await get(`${first.url}/health`)).status).toBe(200);
    const second = await startRegistry([], { REDIS_URL: redis.url });
    await until(
      async () => (await members(second.url)).length === 1,
      () => 'for the other registry to tell Redis of m1',
    );
    // The subscription that could not be made at the start.
    const listeners = () => asking(`${redis?.url}`, (client) => client.call('PUBSUB', 'NUMSUB', 'netring:changes'));
    await until(
      async () => `${await listeners()}` === 'netring:changes,2',
      () => 'for both to listen',
    );
    expect(await register(second.url, 'm2')).toBe(200);
    await first.cli.complains(/member joined id=m2/);

    for (const { cli } of [first, second]) cli.child.kill('SIGTERM');
    for (const { cli } of [first, second]) expect((await cli.ended()).code).toBe(0);
  });

  it('show a password to Redis and to nobody else', async () => {
    redis = await RedisServer.start();
    await asking(redis.url, (client) => client.call('CONFIG', 'SET', 'requirepass', PASSWORD));
    const urlWith = (password: string) => redis?.url.replace('//', `//:${encodeURIComponent(password)}@`) ?? '';
    const [good, bad] = await Promise.all([
      startRegistry(['--redis-prefix', 'mine:'], { REDIS_URL: urlWith(PASSWORD) }),
      startRegistry(['--redis', urlWith('pass-that-is-wrong')]),
    ]);
    expect(await register(good.url, 'm1')).toBe(200);
    expect((await get(`${good.url}/health`)).status).toBe(200);
    await bad.cli.complains(/warn {2}Redis is away/);
    expect((await get(`${bad.url}/health`)).status).toBe(503);
    const pages = await Promise.all([good, bad].map(async ({ url }) => (await get(`${url}/health`)).text()));
    for (const text of [...pages, good.cli.stderr, bad.cli.stderr]) expect(text).not.toMatch(/pass[/%-]/);
    expect(await asking(urlWith(PASSWORD), (client) => client.keys('mine:member:*'))).toEqual(['mine:member:m1']);
  });
});

/** What Redis answers a client of the test's own. */
async function asking<Answer>(url: string, ask: (client: Redis) => Promise<Answer>): Promise<Answer> {
  const client = new Redis(url);
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

describe.skipIf(!hasOpenssl)('a registry with a certificate and a token', () => {
  it('speaks HTTPS with members that trust it, and show the first token of their file', async () => {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    await runCommand(['openssl', 'req', '-x509', ...made, ...names, '-out', cert, '-keyout', key]);
    await writeFile(join(folder, 'tokens.txt'), `${NEW}\n${OLD}\n`);
    const { url } = await startRegistry(['--tls-cert', cert, '--tls-key', key], { NETRING_TOKEN: NEW });
    expect(url).toMatch(/^https:/);
    const args = ['member', '--port', '0', '--registry', url, '--token-file', join(folder, 'tokens.txt')];
    await start(args, { NODE_EXTRA_CA_CERTS: cert }).complains(/registered/);
  });
});
