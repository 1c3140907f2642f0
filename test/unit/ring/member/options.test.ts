import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import {
  createMember,
  MemberFileError,
  type MemberOptions,
  memberOptionsFromEnv,
  memberOptionsFromYaml,
} from '../../../../src/ring/member/index.js';
import { resolveMemberOptions } from '../../../../src/ring/member/member-options.js';

const SEED = `member:
  # where it is
  location: "dc1-k8s"
  instance_id: null
  registry:
    url: "http://registry:8756"
  intervals:
    poll_interval: 30
    check_interval: 60
    heartbeat_interval: 45
    bandwidth_test_interval: 300
    traceroute_interval: 300
  server:
    host: "0.0.0.0"
    port: 8757
    advertise_ip: "auto"
  checks:
    tcp_timeout: 5
    http_timeout: 10
    http_endpoints:
      - "/health"
      - "/metrics"
  tests:
    bandwidth_test_size_mb: 1
`;

describe('the options of a member', () => {
  it('have the defaults of Netring, but for the address to listen on', () => {
    expect(resolveMemberOptions({ location: 'dc1' })).toMatchObject({
      registryUrls: ['http://localhost:8756'],
      isLocal: true,
      pollInterval: 30_000,
      checkInterval: 60_000,
      heartbeatInterval: 45_000,
      reportInterval: 60_000,
      bandwidthInterval: 300_000,
      tracerouteInterval: 300_000,
      firstBandwidthTest: 60_000,
      firstTraceroute: 90_000,
      tcpTimeout: 5_000,
      httpTimeout: 10_000,
      httpEndpoints: ['/health', '/metrics'],
      bandwidthTestSize: 1_048_576,
      timetable: { slot: 30_000, clockTolerance: 2_000 },
      host: '127.0.0.1',
      port: 8_757,
      plan: 'mesh',
      taskTimeout: 300_000,
    });
  });

  it.each([
    ['location', { location: '' }],
    ['location', { location: 'a\nb' }],
    ['instanceId', { instanceId: 'x'.repeat(129) }],
    ['registryUrl', { registryUrl: 'registry:8756' }],
    ['registryUrl', { registryUrl: 'http://user:pw@registry' }],
    ['registryUrl', { registryUrl: [] }],
    ['pollInterval', { pollInterval: 1 }],
    ['httpEndpoints', { httpEndpoints: ['health'] }],
    ['httpEndpoints', { httpEndpoints: ['/a b'] }],
    ['host', { host: 'localhost' }],
    ['port', { port: 70_000 }],
    ['advertiseIp', { advertiseIp: 'not an address' }],
    ['advertiseIp', { advertiseIp: '192.0.2.256' }],
    ['plan', { plan: 'star' }],
    ['allow', { allow: ['192.0.2.0/33'] }],
    ['monitor', { monitor: {} }],
    ['monitor', { monitor: { onChange: () => {}, waitForNetwork: () => {}, report: () => {} } }],
    ['timetable.clockTolerance', { timetable: { slot: 1_000, clockTolerance: 500 } }],
    ['logLevel', { logLevel: 'loud' }],
  ])('refuse a bad %s by name', async (name, options) => {
    const given: MemberOptions = JSON.parse(JSON.stringify({ location: 'dc1', ...options }));
    await expect(createMember(given)).rejects.toThrow(InvalidOptionError);
    await expect(createMember(given)).rejects.toThrow(`createMember: ${name} must be`);
  });

  it('never show a token that is refused', () => {
    const refusal = () => resolveMemberOptions({ location: 'dc1', token: 'secret' });
    expect(refusal).toThrow(
      /^createMember: token must be 16 to 4,096 visible ASCII characters, or a function that gives them, but is 'not shown here'/,
    );
    expect(refusal).not.toThrow(/secret/);
  });

  it('never show the password of a URL, wherever the options come from', () => {
    const url = 'http://user:hunter2@registry:8756';
    const refusals = [
      () => resolveMemberOptions({ location: 'dc1', registryUrl: ['http://registry', url] }),
      () => memberOptionsFromEnv({ NETRING_REGISTRY_URL: url }),
      () => memberOptionsFromYaml(`member: { location: dc1, registry: { url: '${url}' } }`, 'member.yaml'),
    ];
    for (const refusal of refusals) {
      expect(refusal).toThrow(/without user, password/);
      expect(refusal).not.toThrow(/hunter2/);
    }
  });

  it('want an address that others reach where the registry is on another host', () => {
    const registryUrl = 'http://192.0.2.1:8756';
    expect(() => resolveMemberOptions({ location: 'a', registryUrl })).toThrow(/createMember: host must be an address/);
    expect(resolveMemberOptions({ location: 'a', registryUrl, host: '0.0.0.0' }).isLocal).toBe(false);
    expect(resolveMemberOptions({ location: 'a', registryUrl, advertiseIp: '192.0.2.7' }).host).toBe('127.0.0.1');
  });

  it('take the address to tell from a variable of the environment', () => {
    const options = { location: 'a', advertiseIp: 'env:POD_IP' };
    expect(resolveMemberOptions(options, { POD_IP: '192.0.2.9' }).advertiseIp).toBe('192.0.2.9');
    expect(() => resolveMemberOptions(options, {})).toThrow(/in the variable POD_IP of the environment/);
  });
});

describe('the variables of the environment', () => {
  it('are those of Netring, in seconds, and some more', () => {
    const options = memberOptionsFromEnv({
      NETRING_LOCATION: 'US1',
      NETRING_INSTANCE_ID: 'us1-a',
      NETRING_REGISTRY_URL: 'http://registry-a:8756, http://registry-b:8756',
      NETRING_TOKEN: 'a-token-of-the-ring',
      NETRING_POLL_INTERVAL: '10',
      NETRING_CHECK_INTERVAL: '20',
      NETRING_HEARTBEAT_INTERVAL: '15',
      NETRING_REPORT_INTERVAL: '0.5',
      NETRING_TCP_TIMEOUT: '2.5',
      NETRING_HTTP_TIMEOUT: '3',
      NETRING_HTTP_ENDPOINTS: '/health, /ready',
      NETRING_SERVER_HOST: '0.0.0.0',
      NETRING_SERVER_PORT: '9000',
      NETRING_ADVERTISE_IP: 'env:POD_IP',
      NETRING_BANDWIDTH_TEST_INTERVAL: '0',
      NETRING_TRACEROUTE_INTERVAL: '600',
      NETRING_BANDWIDTH_TEST_SIZE_MB: '2',
      NETRING_PLAN: 'ring',
      NETRING_SUCCESSORS: '3',
      NETRING_ALLOW: '192.0.2.0/24,2001:db8::/32',
      NETRING_CHECK_HOSTS: '192.0.2.53',
      LOG_LEVEL: 'WARNING',
      NETRING_UNKNOWN: 'whatever',
    });
    expect(options).toEqual({
      location: 'US1',
      instanceId: 'us1-a',
      registryUrl: ['http://registry-a:8756', 'http://registry-b:8756'],
      token: 'a-token-of-the-ring',
      pollInterval: 10_000,
      checkInterval: 20_000,
      heartbeatInterval: 15_000,
      reportInterval: 500,
      tcpTimeout: 2_500,
      httpTimeout: 3_000,
      httpEndpoints: ['/health', '/ready'],
      host: '0.0.0.0',
      port: 9_000,
      advertiseIp: 'env:POD_IP',
      bandwidthInterval: 0,
      tracerouteInterval: 600_000,
      bandwidthTestSize: 2 * 2 ** 20,
      plan: 'ring',
      successors: 3,
      allow: ['192.0.2.0/24', '2001:db8::/32'],
      checkHosts: ['192.0.2.53'],
      logLevel: 'warn',
    });
  });

  it('may all be absent or empty', () => {
    expect(memberOptionsFromEnv({ NETRING_SERVER_PORT: ' ' })).toEqual({ location: 'unknown' });
  });

  it.each([
    ['NETRING_POLL_INTERVAL', 'soon', 'a number of seconds'],
    ['NETRING_POLL_INTERVAL', '0', 'a number of milliseconds from 100'],
    ['NETRING_POLL_INTERVAL', '99999999', 'a number of seconds'],
    ['NETRING_SERVER_PORT', '99999', 'a whole number from 0 to 65535'],
    ['NETRING_SERVER_PORT', '0x10', 'a number'],
    ['NETRING_REGISTRY_URL', 'registry', 'an http\\(s\\) URL'],
    ['NETRING_PLAN', 'star', "one of 'mesh', 'ring'"],
    ['NETRING_ALLOW', '10.0.0.0/99', 'an array of IP addresses'],
    ['LOG_LEVEL', 'loud', 'one of debug'],
  ])('are named where one is wrong: %s=%s', (variable, value, allowed) => {
    const read = () => memberOptionsFromEnv({ [variable]: value });
    expect(read).toThrow(InvalidOptionError);
    expect(read).toThrow(new RegExp(`^${variable} must be ${allowed}`));
  });

  it('never show the token', () => {
    const read = () => memberOptionsFromEnv({ NETRING_TOKEN: 'secret' });
    expect(read).toThrow(/^NETRING_TOKEN must be/);
    expect(read).not.toThrow(/secret/);
  });
});

describe('the file of a member', () => {
  it('has the shape of Netring', () => {
    expect(memberOptionsFromYaml(SEED, 'member.yaml')).toEqual({
      location: 'dc1-k8s',
      registryUrl: 'http://registry:8756',
      pollInterval: 30_000,
      checkInterval: 60_000,
      heartbeatInterval: 45_000,
      bandwidthInterval: 300_000,
      tracerouteInterval: 300_000,
      host: '0.0.0.0',
      port: 8_757,
      advertiseIp: 'auto',
      tcpTimeout: 5_000,
      httpTimeout: 10_000,
      httpEndpoints: ['/health', '/metrics'],
      bandwidthTestSize: 2 ** 20,
    });
  });

  it('knows some more', () => {
    const text = `member:
  location: a
  registry: { urls: ['http://a:1', 'http://b:2'], token: a-token-of-the-ring }
  intervals: { report_interval: 30 }
  checks: { plan: ring, successors: 3, allow: [192.0.2.0/24], check_hosts: [] }
  log_level: DEBUG
`;
    expect(memberOptionsFromYaml(text, 'm')).toEqual({
      location: 'a',
      registryUrl: ['http://a:1', 'http://b:2'],
      token: 'a-token-of-the-ring',
      reportInterval: 30_000,
      plan: 'ring',
      successors: 3,
      allow: ['192.0.2.0/24'],
      checkHosts: [],
      logLevel: 'debug',
    });
  });

  it.each([
    [
      'poll_interval: 30',
      'poll_interval: soon',
      'member.yaml:8: member.intervals.poll_interval: must be a number of sec',
    ],
    [
      'poll_interval: 30',
      'poll_interval: 0',
      'member.yaml:8: member.intervals.poll_interval: must be a number of mill',
    ],
    ['poll_interval: 30', 'pol_interval: 30', 'member.yaml:8: member.intervals.pol_interval: is not known here; there'],
    ['port: 8757', 'port: "8757"', 'member.yaml:15: member.server.port: must be a whole number'],
    ['- "/health"', '- [1]', 'member.yaml:21: member.checks.http_endpoints: must be at most 16 paths'],
    ['  location: "dc1-k8s"', '', 'member.yaml:1: member.location: must be given'],
    ['  tests:\n    bandwidth_test_size_mb: 1', '  tests: 5', 'member.yaml:23: member.tests: must have keys'],
    ['member:', 'member: {', 'member.yaml:'],
    ['port: 8757', 'port: !secret x', 'member.yaml:15: Unresolved tag'],
    ['location: "dc1-k8s"', 'location: &here dc1\n  log_level: *here', 'member.yaml:4: *here stands for what'],
    ['- "/health"', '- &path "/health"\n      - *path', 'member.yaml:22: *path stands for what'],
    ['tests:', 'log_level: info\n  log_level: info\n  tests:', 'member.yaml:24: Map keys must be unique'],
    ['url: "', 'urls: []\n    url: "', "member.registry.urls: must not stand beside 'url'"],
  ])('is complained of by line and key where it has %s as %s', (part, instead, complaint) => {
    const read = () => memberOptionsFromYaml(SEED.replace(part, instead), 'member.yaml');
    expect(read).toThrow(MemberFileError);
    expect(read).toThrow(complaint);
  });

  it.each([
    ['', 'm:1: member.location: must be given'],
    ['- 1', 'm:1: must have keys and values'],
  ])('may not be %j', (text, complaint) => {
    expect(() => memberOptionsFromYaml(text, 'm')).toThrow(complaint);
  });

  it('may be nested as deep as it will', () => {
    expect(() => memberOptionsFromYaml(`member: ${'['.repeat(50_000)}`, 'm')).toThrow(MemberFileError);
  });
});
