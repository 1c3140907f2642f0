import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { captured } from '../captured.js';

let folder: string;
let taken: Server;
let port: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-ring-command-'));
  await writeFile(join(folder, 'token.txt'), 'a-token-that-nobody-guesses\n');
  await writeFile(join(folder, 'none.txt'), '\n');
  await writeFile(join(folder, 'host.yaml'), 'registry:\n  server:\n    host: 300.1.1.1\n');
  await writeFile(join(folder, 'check.yaml'), "registry:\n  check_hosts: ['http://[bad']\n");
  await writeFile(join(folder, 'webhook.yaml'), 'registry:\n  webhooks: [ftp://example.com/secret-path]\n');
  await writeFile(join(folder, 'member.yaml'), 'member:\n  location: dc1\n  server: { advertise_ip: "env:NOWHERE" }\n');
  await writeFile(join(folder, 'unknown.yaml'), 'member:\n  location: dc1\n  intervals: { pol: 3 }\n');
  await writeFile(join(folder, 'misspelt.yaml'), 'member:\n  locaton: dc1\n');
  await writeFile(join(folder, 'nowhere.yaml'), 'member:\n  log_level: info\n');
  await writeFile(join(folder, 'cert.pem'), pem('CERTIFICATE'));
  await writeFile(join(folder, 'key.pem'), pem('PRIVATE KEY'));
  taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const address: AddressInfo | string | null = taken.address();
  port = typeof address === 'object' && address !== null ? `${address.port}` : '';
});
afterAll(async () => {
  taken.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  for (const name of ['REDIS_URL', 'LOG_LEVEL', ...Object.keys(process.env).filter((each) => /^NETRING_/.test(each))]) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => vi.unstubAllEnvs());

/** What looks like it from outside. */
const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

type Args = readonly string[];

/** What is wrong with the usage is one line, and no token or password is in it. */
async function isWrongUsage(args: Args, complaint: RegExp): Promise<void> {
  const { code, stdout, stderr } = await captured(['ring', ...args.map((each) => each.replace('FOLDER', folder))]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^netpause: [^\n]+\n$/);
  expect(stderr).not.toMatch(/secret|nobody-guesses/);
  expect(stderr).toMatch(complaint);
}

describe('netpause ring registry', () => {
  it.each<[Args, RegExp]>([
    [['--host', 'nonsense'], /--host must be an IP address, but is 'nonsense'/],
    [['--host', '0.0.0.0', '--no-monitor'], /--token-file must be given where host is not a loopback address/],
    [['--port', '70000'], /--port must be a whole number from 0 to 65535, but is 70000/],
    [['--port', 'x'], /--port <port>/],
    [['--member-ttl', '300'], /--member-ttl <duration>.*Give a number and a unit/],
    [['--member-ttl', '1ms'], /--member-ttl must be at least 1s, but is 1ms/],
    [['--report-ttl', '1ms'], /--report-ttl must be at least 1s/],
    [['--deregistered-ttl', '100d'], /--deregistered-ttl must be at most /],
    [['--redis', 'http://user:secret@192.0.2.1'], /--redis must be a URL of redis or rediss/],
    [['--redis', 'redis://127.0.0.1:1', '--redis-prefix', ''], /--redis-prefix must be a string that is not empty/],
    [['--redis-prefix', 'x:'], /--redis-prefix is about keys in Redis/],
    [['--token-file', '/nonexistent'], /--token-file: \/nonexistent: there is no such file$/m],
    [['--token-file', 'FOLDER/none.txt'], /--token-file: \S+none\.txt: there is no token in it/],
    [
      ['--token-file', 'FOLDER/token.txt', '--read-token-file', '/nonexistent'],
      /--read-token-file: \/nonexistent: there is no such file$/m,
    ],
    [['--tls-cert', 'FOLDER/token.txt'], /--tls-cert and --tls-key belong together/],
    [['--tls-cert', '/nonexistent', '--tls-key', '/nonexistent'], /--tls-cert: \/nonexistent: there is no such file$/m],
    [
      ['--tls-cert', 'FOLDER/token.txt', '--tls-key', 'FOLDER/key.pem'],
      /--tls-cert: \S+token\.txt: there is no certificate in PEM in it$/m,
    ],
    [
      ['--tls-cert', 'FOLDER/cert.pem', '--tls-key', 'FOLDER/cert.pem'],
      /--tls-key: \S+cert\.pem: there is no private key in PEM in it$/m,
    ],
    [['--tls-cert', 'FOLDER/cert.pem', '--tls-key', 'FOLDER/key.pem'], /--tls-cert and --tls-key: /],
    [['--expected', '/nonexistent'], /--expected: \/nonexistent: there is no such file$/m],
    [['--webhook', 'https://example.com/secret'], /--expected must be given where there are webhooks/],
    [['--webhook', 'ftp://example.com/secret'], /--webhook must be a URL of http or https/],
    [['--webhook', 'https://user:secret@example.com/'], /--webhook must be a URL of http or https/],
    [
      ['--check-host', '127.0.0.1', '--check-host', 'http://[bad'],
      /--check-host must be an IP address or a name.*, but is 'http:\/\/\[bad'/,
    ],
    [['--check-host', '127.0.0.1', '--no-monitor'], /cannot be used with/],
    [['--log-level', 'loud'], /Allowed choices are debug, info, warn, error/],
    [['/nonexistent/registry.yaml'], /\/nonexistent\/registry\.yaml: there is no such file$/m],
    [['FOLDER/host.yaml'], /host\.yaml:3: registry\.server\.host must be an IP address, but is '300\.1\.1\.1'/],
    [['FOLDER/check.yaml'], /check\.yaml:2: registry\.check_hosts must be an IP address or a name/],
    [['FOLDER/webhook.yaml'], /webhook\.yaml:2: registry\.webhooks must be a list of at most 16/],
    [['FOLDER/member.yaml'], /member\.yaml:1: this is a member's file: netpause ring member \S+member\.yaml$/m],
    [['FOLDER/host.yaml', '--host', 'nonsense'], /--host must be an IP address/],
  ])('%j is wrong usage: one line that names it, and exit code 2', (args, complaint) =>
    isWrongUsage(['registry', ...args], complaint),
  );

  it('says that an address is in use', () =>
    isWrongUsage(
      ['registry', '--port', port],
      /--host and --port: .*EADDRINUSE.* 127\.0\.0\.1:\d+; something listens there already; give another --port, or 0/,
    ));

  it.each([
    ['REDIS_URL', 'http://user:secret@192.0.2.1', /REDIS_URL must be a URL of redis or rediss/],
    ['LOG_LEVEL', 'loud', /LOG_LEVEL must be one of debug, info, warn, error/],
    ['NETRING_TOKEN', 'secret', /NETRING_TOKEN must be at least 16 visible ASCII characters/],
  ])('names the variable %s that is wrong', async (name, value, complaint) => {
    vi.stubEnv(name, value);
    await isWrongUsage(['registry'], complaint);
  });
});

describe('netpause ring member', () => {
  it.each<[Args, RegExp]>([
    [['--location', ''], /--location must be text of 1 to 128 characters/],
    [['--id', ''], /--id must be text of 1 to 128 characters/],
    [
      ['--registry', 'http://127.0.0.1:1', '--registry', 'ftp://user:secret@192.0.2.1'],
      /--registry must be an http\(s\) URL without user, .* but is '\(not shown\)'/,
    ],
    [['--registry', 'http://192.0.2.1:8756'], /--host must be an address by which others reach this member/],
    [['--token-file', '/nonexistent'], /--token-file: \/nonexistent: there is no such file$/m],
    [['--host', 'nonsense'], /--host must be an IP address/],
    [['--port', '70000'], /--port must be a whole number/],
    [['--advertise', 'no address'], /--advertise must be 'auto', 'env:NAME', an IP address or a name/],
    [['--advertise', 'env:NOWHERE'], /--advertise must be .* in the variable NOWHERE/],
    [['--plan', 'star'], /Allowed choices are mesh, ring/],
    [['--successors', '0'], /--successors must be a whole number from 1/],
    [['--allow', '192.0.2.0/24', '--allow', '192.0.2.0/33'], /--allow must be .*, but is '192\.0\.2\.0\/33'/],
    [['--endpoint', '/health', '--endpoint', 'metrics'], /--endpoint must be a path that .*, but is 'metrics'/],
    [['--tcp-timeout', '0'], /--tcp-timeout must be at least 1ms/],
    [['--http-timeout', '100d'], /--http-timeout must be at most/],
    [['--check-interval', '1ms'], /--check-interval must be at least 100ms/],
    [['--report-interval', '1ms'], /--report-interval must be/],
    [['--heartbeat-interval', '1ms'], /--heartbeat-interval must be/],
    [['--poll-interval', '1ms'], /--poll-interval must be/],
    [['--bandwidth-interval', '100d'], /--bandwidth-interval must be/],
    [['--traceroute-interval', '1ms'], /--traceroute-interval must be/],
    [['--log-level', 'loud'], /Allowed choices are debug, info, warn, error/],
    [['/nonexistent/member.yaml'], /\/nonexistent\/member\.yaml: there is no such file$/m],
    [['FOLDER/unknown.yaml'], /unknown\.yaml:3: member\.intervals\.pol is not known here; there are poll_interval, /],
    [
      ['FOLDER/misspelt.yaml'],
      /misspelt\.yaml:2: member\.locaton is not known here \(did you mean location\?\); there are registry, /,
    ],
    [['FOLDER/host.yaml'], /host\.yaml:1: this is a registry's file: netpause ring registry \S+host\.yaml$/m],
    [['FOLDER/nowhere.yaml'], /nowhere\.yaml:1: member\.location must be given$/m],
    [
      ['FOLDER/nowhere.yaml', '--location', 'dc5'],
      /nowhere\.yaml:1: member\.location must be given in the file, also where --location is given$/m,
    ],
    [['FOLDER/member.yaml'], /member\.yaml: member\.server\.advertise_ip must be .* in the variable NOWHERE/],
  ])('%j is wrong usage: one line that names it, and exit code 2', (args, complaint) =>
    isWrongUsage(['member', ...args], complaint),
  );

  it('names the check host that is wrong, before anything is begun', () =>
    isWrongUsage(
      ['member', '--registry', 'http://192.0.2.1:1', '--host', '127.0.0.1', '--check-host', 'http://[bad'],
      /--check-host must be an IP address or a name.*, but is 'http:\/\/\[bad'/,
    ));

  it('names the check host that is wrong also beside a registry on this host, where nobody is asked', () =>
    isWrongUsage(
      ['member', '--check-host', '127.0.0.1:99999'],
      /--check-host must be an IP address or a name.*, but is '127\.0\.0\.1:99999'/,
    ));

  it('says that an address is in use', () =>
    isWrongUsage(
      ['member', '--port', port],
      /--host and --port: .*EADDRINUSE.* 127\.0\.0\.1:\d+; something listens there already; give another --port, or 0/,
    ));

  it.each([
    ['NETRING_REGISTRY_URL', 'ftp://user:secret@192.0.2.1', /NETRING_REGISTRY_URL must be an http\(s\) URL/],
    ['NETRING_POLL_INTERVAL', 'soon', /NETRING_POLL_INTERVAL must be a number of seconds/],
    ['NETRING_ADVERTISE_IP', 'env:NOWHERE', /NETRING_ADVERTISE_IP must be .* in the variable NOWHERE/],
    ['NETRING_TOKEN', 'secret', /NETRING_TOKEN must be 16 to 4,096/],
    ['LOG_LEVEL', 'loud', /LOG_LEVEL must be one of debug, info, warn/],
  ])('names the variable %s that is wrong', async (name, value, complaint) => {
    vi.stubEnv(name, value);
    await isWrongUsage(['member'], complaint);
  });
});

describe('the help', () => {
  it.each([
    ['registry', ['--token-file', '--redis', '--no-monitor', 'REDIS_URL', 'NETRING_TOKEN', 'Exit codes:', 'Examples:']],
    ['member', ['--location', '--registry', '--plan', 'NETRING_TOKEN', 'Exit codes:', 'Examples:']],
  ])('of %s has flags, variables, exit codes and examples', async (name, words) => {
    const { code, stdout } = await captured(['ring', name, '--help']);
    expect(code).toBe(0);
    for (const word of words) expect(stdout).toContain(word);
  });
});
