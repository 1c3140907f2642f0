import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatherOptions } from '../../../../src/cli/ring/member/gather-options.js';
import { gatherSettings } from '../../../../src/cli/ring/registry/gather-settings.js';
import { readExpected } from '../../../../src/cli/ring/registry/registry-files.js';

/** As Netring ships it. */
const NETRING_REGISTRY = `
registry:
  redis:
    host: "redis"  # the service's name
    port: 6379
    db: 0
    password: null

  server:
    host: "0.0.0.0"
    port: 8756

  member_ttl: 120
  cleanup_interval: 60

  expected_members:
    config_file: "config/expected-members.yaml"
    enable_missing_detection: false
    missing_check_interval: 60
`;

const FULL_REGISTRY = `
registry:
  server: { host: 127.0.0.1, port: 1, tls: { cert: cert.pem, key: key.pem } }
  redis: { url: 'rediss://ring:from-file@192.0.2.1', prefix: 'file:' }
  report_ttl: 1.5
  deregistered_ttl: 2
  expected_members: { config_file: expected.yaml, enable_missing_detection: true, missing_check_interval: 5 }
  webhooks: ['https://example.com/a', { url: 'https://example.com/b', headers: { Authorization: Bearer x } }]
  token_file: tokens.txt
  read_token_file: read.txt
  check_hosts: [192.0.2.53]
  monitor: true
  log_level: WARNING
`;

const MEMBER = `
member:
  location: dc-of-the-file
  registry: { url: 'http://127.0.0.1:1', token: token-of-the-file }
  intervals: { poll_interval: 7 }
  log_level: error
`;

let folder: string;
const paths = { netring: '', full: '', member: '' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-ring-settings-'));
  const write = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };
  paths.netring = await write('netring.yaml', NETRING_REGISTRY);
  paths.full = await write('full.yaml', FULL_REGISTRY);
  paths.member = await write('member.yaml', MEMBER);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const registry = async (path?: string, flags = {}, env = {}) =>
  (await gatherSettings(path, { monitor: true, ...flags }, env)).settings;

const member = async (path?: string, flags = {}, env = {}) => (await gatherOptions(path, flags, env)).options;

const given = (settings: object) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

describe('the settings of a registry', () => {
  it("are those of Netring's file as it is", async () => {
    expect(given(await registry(paths.netring))).toEqual({
      host: '0.0.0.0',
      port: 8756,
      redis: 'redis://redis:6379/0',
      memberTtl: 120_000,
      expectedInterval: 60_000,
    });
  });

  it('can all stand in the file', async () => {
    expect(given(await registry(paths.full))).toEqual({
      host: '127.0.0.1',
      port: 1,
      tlsCert: 'cert.pem',
      tlsKey: 'key.pem',
      redis: 'rediss://ring:from-file@192.0.2.1',
      redisPrefix: 'file:',
      reportTtl: 1_500,
      deregisteredTtl: 2_000,
      expected: 'expected.yaml',
      expectedInterval: 5_000,
      webhooks: [
        { url: 'https://example.com/a' },
        { url: 'https://example.com/b', headers: { Authorization: 'Bearer x' } },
      ],
      tokens: { kind: 'file', path: 'tokens.txt' },
      readTokens: 'read.txt',
      checkHosts: ['192.0.2.53'],
      monitor: true,
      logLevel: 'warn',
    });
  });

  it.each([
    ['config_file: sites.yaml', ['sites.yaml']],
    ['config_file: sites.yaml, enable_missing_detection: null', ['sites.yaml']],
    ['config_file: sites.yaml, enable_missing_detection: false', []],
    ['config_file: sites.yaml, enable_missing_detection: true', []],
    ['missing_check_interval: 60', []],
  ])('with { %s } leave files of expected members unread: %j', async (text, files) => {
    const path = join(folder, 'unread.yaml');
    await writeFile(path, `registry: { expected_members: { ${text} } }`);
    const { doubts } = await gatherSettings(path, { monitor: true }, {});
    expect(doubts.map(({ fields }) => fields['file'])).toEqual(files);
    if (files.length > 0) expect(doubts[0]?.message).toContain('is not read unless enable_missing_detection is true');
    expect((await gatherSettings(path, { monitor: true, expected: 'x' }, {})).doubts).toEqual([]);
  });

  it('are doubted where reading needs a token and changes need none', async () => {
    const doubts = async (flags = {}, env = {}) =>
      (await gatherSettings(undefined, { monitor: true, ...flags }, env)).doubts.map(({ message }) => message);
    expect(await doubts({ readTokenFile: 'r.txt' })).toEqual([expect.stringContaining('give --token-file, too')]);
    expect(await doubts({ readTokenFile: 'r.txt', tokenFile: 't.txt' })).toEqual([]);
    expect(await doubts({ readTokenFile: 'r.txt' }, { NETRING_TOKEN: 'the-token-of-the-variable' })).toEqual([]);
    expect(await doubts()).toEqual([]);
  });

  it('count by flag before variable before file', async () => {
    const env = { REDIS_URL: 'redis://192.0.2.2', LOG_LEVEL: 'DEBUG', NETRING_TOKEN: 'the-token-of-the-variable' };
    expect(await registry(paths.full, {}, env)).toMatchObject({
      redis: env.REDIS_URL,
      logLevel: 'debug',
      tokens: { kind: 'variable', token: env.NETRING_TOKEN },
      port: 1,
    });
    const flags = { redis: 'redis://192.0.2.3', logLevel: 'error', tokenFile: 'flag.txt', port: 3, monitor: false };
    expect(await registry(paths.full, flags, env)).toMatchObject({
      redis: flags.redis,
      logLevel: 'error',
      tokens: { kind: 'file', path: 'flag.txt' },
      port: 3,
      monitor: false,
      host: '127.0.0.1',
    });
  });

  it('count variables that are empty as not set', async () => {
    const env = { REDIS_URL: '', LOG_LEVEL: ' ', NETRING_TOKEN: '' };
    expect(given(await registry(undefined, {}, env))).toEqual({});
  });

  it('have a monitor where check hosts are named by a flag, whatever the file says', async () => {
    expect(await registry(paths.full, { checkHost: ['192.0.2.54'] })).toMatchObject({
      monitor: true,
      checkHosts: ['192.0.2.54'],
    });
  });

  it.each([
    ['registry: [', /: .*\]/],
    ['- registry', /broken\.yaml:1: must have keys and values/],
    ['registry: 5', /broken\.yaml:1: registry must have keys and values/],
    [
      'registry:\n  server:\n    prot: 1',
      /:3: registry\.server\.prot is not known here \(did you mean port\?\); there are host, port, tls$/,
    ],
    ['registry: {}\nmember: {}', /:2: member is not known here; there are registry$/],
    [
      'expected_members: {}',
      /:1: this is a file of expected members: netpause ring registry --expected \S+broken\.yaml$/,
    ],
    ['registry:\n  member_ttl: soon', /:2: registry\.member_ttl must be a number of seconds$/],
    ['registry:\n  member_ttl: 0', /:2: registry\.member_ttl must be at least 1 second$/],
    [
      'registry:\n  expected_members:\n    missing_check_interval: 86401',
      /:3: registry\.expected_members\.missing_check_interval must be at most 86400 seconds$/,
    ],
    ['registry:\n  member_ttl: 9999999999', /:2: registry\.member_ttl must be at most 2147483 seconds$/],
    ['registry:\n  server:\n\n    port: "x"', /:4: registry\.server\.port must be a whole number from 0 to 65535$/],
    ['registry: { redis: { url: "redis:///secret" } }', /:1: registry\.redis\.url must be a URL of redis or rediss/],
    ['registry:\n  redis:\n    url: redis://a\n    host: b', /:2: registry\.redis must have url, or the parts of one$/],
    ['registry:\n  webhooks:\n    - https://a\n    - 5', /:4: registry\.webhooks\.1 must be a URL, or have url and/],
    ['registry:\n  redis:\n    host: secret@b', /:3: registry\.redis\.host must be an IP address or a name$/],
    ['registry:\n  webhooks: x', /:2: registry\.webhooks must be a list$/],
    [
      'registry:\n  log_level: loud',
      /:2: registry\.log_level must be one of debug, info, warn, error, warning, critical$/,
    ],
    ['registry:\n  monitor: maybe', /:2: registry\.monitor must be true or false$/],
    ['registry:\n  token_file: ""', /:2: registry\.token_file must not be empty$/],
    ['registry: &a\n  server: *a', /broken\.yaml/],
  ])('%j is refused, naming line and key', async (text, complaint) => {
    const path = join(folder, 'broken.yaml');
    await writeFile(path, text);
    const error: unknown = await registry(path).catch((refused: unknown) => refused);
    expect(error).toMatchObject({ name: 'CliError', exitCode: 2, message: expect.stringMatching(complaint) });
    expect(String(error)).not.toMatch(/secret|\n/);
  });

  it('cannot be nested so deep that nobody could read it', async () => {
    const path = join(folder, 'deep.yaml');
    await writeFile(path, `registry: ${'['.repeat(5_000)}`);
    await expect(registry(path)).rejects.toMatchObject({ name: 'CliError', exitCode: 2 });
  });

  it('can stand in a file that says nothing', async () => {
    const path = join(folder, 'empty.yaml');
    for (const text of ['', '# nothing\n', 'registry:\n', 'registry: { redis: null }\n']) {
      await writeFile(path, text);
      expect(given(await registry(path))).toEqual({});
    }
  });
});

describe('expected members', () => {
  it.each([
    [
      'expected_members:\n  locations:\n    dc1:\n      expected_count: -1\n      criticality: high',
      /:4: expected_members\.locations\.dc1\.expected_count must be/,
    ],
    [
      'expected_members:\n  locations:\n    "a b":\n      expected_count: 1\n      criticality: extreme',
      /:5: expected_members\.locations\["a b"\]\.criticality must be/,
    ],
    ['expected_members:\n  other: 1', /:2: expected_members\.other is not known here; there are locations, settings$/],
    [
      'expected_members:\n  locations:\n    "a b": { expected_cout: 1 }',
      /:3: expected_members\.locations\["a b"\]\.expected_cout is not known here \(did you mean expected_count\?\); there/,
    ],
    ['', /expected\.yaml: the file must be a mapping/],
    ['expected_members: {', /expected\.yaml:\d: /],
  ])('%j are refused, naming line and key', async (text, complaint) => {
    const path = join(folder, 'expected.yaml');
    await writeFile(path, text);
    await expect(readExpected({ expected: path })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(complaint),
    });
  });

  it('are judged as often as the file of the registry says, where it does', async () => {
    const path = join(folder, 'expected.yaml');
    await writeFile(path, 'expected_members: { locations: { dc1: { expected_count: 1, criticality: low } } }');
    expect(await readExpected({ expected: path })).toMatchObject({ checkInterval: 60_000 });
    expect(await readExpected({ expected: path, expectedInterval: 5_000 })).toMatchObject({ checkInterval: 5_000 });
    expect(await readExpected({})).toBeUndefined();
  });
});

describe('the options of a member', () => {
  const env = {
    NETRING_LOCATION: 'dc-of-the-variable',
    NETRING_TOKEN: 'token-of-the-variable',
    NETRING_POLL_INTERVAL: '8',
    LOG_LEVEL: 'WARNING',
  };

  it('are of the variables where there is no file, and flags count for more', async () => {
    expect(await member(undefined, {}, env)).toMatchObject({
      location: 'dc-of-the-variable',
      token: 'token-of-the-variable',
      pollInterval: 8_000,
      logLevel: 'warn',
    });
    const flags = { location: 'dc-of-the-flag', pollInterval: 9_000, logLevel: 'debug' };
    expect(await member(undefined, flags, env)).toMatchObject({ ...flags, token: 'token-of-the-variable' });
  });

  it('are of the file where there is one, but for the token and the level of the log', async () => {
    expect(await member(paths.member, {}, env)).toMatchObject({
      location: 'dc-of-the-file',
      token: 'token-of-the-variable',
      pollInterval: 7_000,
      logLevel: 'warn',
    });
    expect(await member(paths.member)).toMatchObject({ token: 'token-of-the-file', logLevel: 'error' });
    expect(await member(paths.member, { location: 'dc-of-the-flag' }, env)).toMatchObject({
      location: 'dc-of-the-flag',
      pollInterval: 7_000,
    });
  });

  it('say which variables are not read beside a file', async () => {
    expect((await gatherOptions(paths.member, {}, env)).ignored).toEqual(['NETRING_LOCATION', 'NETRING_POLL_INTERVAL']);
    expect((await gatherOptions(undefined, {}, env)).ignored).toEqual([]);
  });

  it('name variables that are not known, by their names alone', async () => {
    const odd = {
      ...env,
      NETRING_TOKN: 'secret-of-the-variable',
      // As Kubernetes sets them for a service called netring-registry.
      NETRING_REGISTRY_SERVICE_HOST: '192.0.2.1',
      NETRING_REGISTRY_PORT: 'tcp://192.0.2.1:8756',
      NETRING_REGISTRY_PORT_8756_TCP_ADDR: '192.0.2.1',
      NETRING_NODE: '192.0.2.7',
      NETRING_ADVERTISE_IP: 'env:NETRING_NODE',
    };
    const doubt = (variables: string) => [
      { message: 'variables are not known, and are not read', fields: { variables } },
    ];
    expect((await gatherOptions(undefined, {}, odd)).doubts).toEqual(doubt('NETRING_TOKN'));
    expect((await gatherOptions(paths.member, {}, odd)).doubts).toEqual(doubt('NETRING_TOKN,NETRING_NODE'));
    expect((await gatherSettings(undefined, { monitor: true }, { ...env, NETRING_TOKN: 'x' })).doubts).toEqual(
      doubt('NETRING_TOKN'),
    );
    expect((await gatherOptions(undefined, {}, env)).doubts).toEqual([]);
  });

  it('by flag have other names', async () => {
    const flags = {
      registry: ['http://127.0.0.1:1', 'http://127.0.0.1:2'],
      tokenFile: 'tokens.txt',
      id: 'm1',
      advertise: '192.0.2.7',
      endpoint: ['/health'],
      checkHost: ['192.0.2.53'],
      bandwidthInterval: 0,
    };
    expect((await gatherOptions(undefined, flags, {})).tokenFile).toBe('tokens.txt');
    expect(given(await member(undefined, flags))).toEqual({
      location: 'unknown',
      registryUrl: flags.registry,
      instanceId: 'm1',
      advertiseIp: '192.0.2.7',
      httpEndpoints: ['/health'],
      checkHosts: ['192.0.2.53'],
      bandwidthInterval: 0,
      firstBandwidthTest: 0,
    });
  });

  it('by an interval that is short bring the first test forward, and by a long one do not put it off', async () => {
    expect(await member(undefined, { bandwidthInterval: 10_000, tracerouteInterval: 3_600_000 })).toMatchObject({
      firstBandwidthTest: 10_000,
      firstTraceroute: 90_000,
    });
    expect(given(await member(undefined, {}, { NETRING_TRACEROUTE_INTERVAL: '10' }))).not.toHaveProperty(
      'firstTraceroute',
    );
  });
});
