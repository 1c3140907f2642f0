import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogRecord } from '../../../../src/log/index.js';
import { createMember, type Member, type MemberHealth, type MemberOptions } from '../../../../src/ring/member/index.js';
import type { CheckRecord, ReportRequest } from '../../../../src/ring/wire/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { FakeRegistry, type Misbehaviour, portOf, sendJson } from './fake-registry.js';

/** Far beyond what any test takes: what is to happen before that happens at once. */
const NEVER = 3_600_000;

describe('a member', () => {
  let registry: FakeRegistry;
  const cleanUps: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    registry = await FakeRegistry.start();
  });

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    await registry.close();
  });

  async function joined(options: Partial<MemberOptions> = {}): Promise<Member> {
    const member = await createMember({
      location: 'here',
      instanceId: 'me',
      registryUrl: registry.url,
      port: 0,
      pollInterval: 100,
      checkInterval: 200,
      heartbeatInterval: 100,
      reportInterval: NEVER,
      bandwidthInterval: 0,
      tracerouteInterval: 0,
      tcpTimeout: 1_000,
      httpTimeout: 1_000,
      ...options,
    });
    cleanUps.push(() => member.close());
    return member;
  }

  /** A member that only answers. */
  async function neighbour(id: string): Promise<Server> {
    const server = createServer((_request, response) => sendJson(response, 200, {}));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    registry.add({ instance_id: id, port: portOf(server) });
    return server;
  }

  const until = <Value>(check: () => Value) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

  function lastCheck(type: CheckRecord['type'], target: string): CheckRecord | undefined {
    const current = registry.reports.filter((report) => report.current !== false);
    return current.at(-1)?.metrics.checks?.find((each) => each.type === type && each.target === target);
  }

  const isReported = (type: CheckRecord['type'], target: string, verdict: CheckRecord['verdict']) =>
    until(() => expect(lastCheck(type, target)?.verdict).toBe(verdict));

  async function healthOf(member: Member): Promise<{ status: number; body: MemberHealth }> {
    const response = await fetch(`${member.url}/health`);
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  async function metricsOf(member: Member): Promise<string> {
    return (await fetch(`${member.url}/metrics`)).text();
  }

  it('registers, gives signs of life, and leaves when it is closed', async () => {
    const member = await joined({ token: 'a-token-of-the-ring' });
    await until(() => expect(registry.count('POST /heartbeat')).toBeGreaterThan(1));
    const { port } = new URL(member.url);
    expect(registry.members.get('me')).toMatchObject({ location: 'here', ip: '127.0.0.1', port: Number(port) });
    expect(new Set(registry.authorizations)).toEqual(new Set(['Bearer a-token-of-the-ring']));
    await member.close();
    await member.close();
    expect(registry.count('POST /deregister')).toBe(1);
    expect(registry.members.has('me')).toBe(false);
    const before = registry.requests.length;
    await expect(fetch(`${member.url}/health`)).rejects.toThrow('fetch failed');
    expect(registry.requests.length).toBe(before);
  });

  it('shows the token that counts when it speaks', async () => {
    let token = 'the-token-from-before';
    await joined({ token: () => token });
    await until(() => expect(registry.authorizations).toContain('Bearer the-token-from-before'));
    token = 'the-newest-token-of-all';
    await until(() => expect(registry.authorizations).toContain('Bearer the-newest-token-of-all'));
  });

  it('checks the others by TCP, HTTP and ping, and reports what it finds at once', async () => {
    await neighbour('b');
    await joined();
    await until(() => {
      const { checks = [] } = registry.reports.at(-1)?.metrics ?? {};
      expect(checks.map(({ type, endpoint, verdict }) => `${type} ${endpoint} ${verdict}`).sort()).toEqual([
        'http /health ok',
        'http /metrics ok',
        'ping undefined ok',
        'tcp undefined ok',
      ]);
    });
  });

  it('reports at once, not at the next interval, that a verdict has changed', async () => {
    const server = await neighbour('b');
    await joined();
    await isReported('tcp', 'b', 'ok');
    server.closeAllConnections();
    server.close();
    await isReported('tcp', 'b', 'failed');
    expect(lastCheck('tcp', 'b')).toMatchObject({ failure_source: 'target', reason: 'refused' });
  });

  it('registers again when the registry has forgotten it, as a heartbeat shows', async () => {
    const member = await joined();
    await until(() => expect(registry.count('POST /heartbeat')).toBeGreaterThan(0));
    registry.members.clear();
    await until(() => expect(member.health().registry).toMatchObject({ registered: true, registrations: 2 }));
    expect(registry.members.has('me')).toBe(true);
  });

  it('registers again when a report shows it, and delivers that report', async () => {
    await joined({ heartbeatInterval: NEVER, reportInterval: 200 });
    await until(() => expect(registry.reports.length).toBeGreaterThan(0));
    registry.members.clear();
    const before = registry.reports.length;
    await until(() => expect(registry.reports.length).toBeGreaterThan(before));
    expect(registry.count('POST /register')).toBe(2);
    expect(registry.count('POST /heartbeat')).toBe(0);
  });

  it('goes on with those it knows while the registry is away, and tells of it later', async () => {
    const server = await neighbour('b');
    const member = await joined();
    await isReported('tcp', 'b', 'ok');
    await registry.close();
    server.closeAllConnections();
    server.close();
    await until(async () => expect(await metricsOf(member)).toMatch(/^netring_connectivity_tcp{.*} 0$/m));
    expect(member.health()).toMatchObject({ status: 'healthy', members_count: 1 });
    await until(() => expect(member.health().reports.pending).toBeGreaterThan(0));
    await registry.open();
    await isReported('tcp', 'b', 'failed');
    await until(() => expect(member.health().reports).toMatchObject({ pending: 0, dropped: 0 }));
  });

  it('says at once that the registry refuses it, in the log and in its health', async () => {
    registry.misbehaviours.set('/register', (_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"a token is needed"}');
    });
    const lines: string[] = [];
    const member = await joined({ logger: ({ level, message }) => lines.push(`${level}: ${message}`) });
    await until(() => expect(lines).toContainEqual(expect.stringMatching(/^warn: the registry refuses this member/)));
    expect(member.health().registry).toMatchObject({ registered: false, trouble: expect.stringContaining('401') });
    registry.misbehaviours.clear();
    await until(() => expect(member.health().registry).toMatchObject({ registered: true }));
    expect(member.health().registry.trouble).toBeUndefined();
    expect(lines.filter((line) => line.includes('the registry refuses'))).toHaveLength(1);
  });

  it('says so where another member has its id', async () => {
    const lines: string[] = [];
    await joined({ logger: ({ level, message }) => lines.push(`${level}: ${message}`), heartbeatInterval: NEVER });
    await until(() => expect(registry.members.has('me')).toBe(true));
    registry.add({ instance_id: 'me', port: 1 });
    await until(() => expect(lines.some((line) => /^error: another member has the same id/.test(line))).toBe(true));
  });

  it('leaves no orphan behind where it is closed before the registry has answered', async () => {
    registry.misbehaviours.set('/register', (_request, response, body) => {
      // It has heard it, and the answer never comes.
      registry.add({ ...JSON.parse(body), port: 1 });
      response.flushHeaders();
    });
    const member = await joined();
    await until(() => expect(registry.members.has('me')).toBe(true));
    expect(member.health().registry.registered).toBe(false);
    await member.close();
    expect(registry.members.has('me')).toBe(false);
  });

  it.each([
    [true, 'of Netring in its groups', expect.objectContaining({ connectivity_tcp: expect.any(Object) })],
    [false, 'that reads checks those alone', { checks: expect.any(Array) }],
  ])('tells a registry (of Netring: %s) %s', async (isOfNetring, _what, metrics) => {
    registry.isOfNetring = isOfNetring;
    await neighbour('b');
    await joined();
    await isReported('tcp', 'b', 'ok');
    await isReported('http', 'b', 'ok');
    const told = registry.reports.at(-1)?.metrics;
    expect(told).toEqual(metrics);
    if (isOfNetring) expect(told?.['connectivity_tcp']).toMatchObject({ 'elsewhere:b': { value: 1 } });
  });

  it('starts without a registry, and joins when there is one', async () => {
    await registry.close();
    const member = await joined();
    expect((await healthOf(member)).status).toBe(200);
    expect(member.health().registry).toMatchObject({ registered: false });
    await registry.open();
    await until(() => expect(registry.members.has('me')).toBe(true));
  });

  it('asks the next registry where one does not answer', async () => {
    const away = await FakeRegistry.start();
    await away.close();
    const member = await joined({ registryUrl: [away.url, registry.url] });
    await until(() => expect(registry.count('POST /heartbeat')).toBeGreaterThan(0));
    expect(member.health().registry.url).toBe(registry.url);
  });

  it('delivers again what was not kept, under the same id, and once it is superseded as history', async () => {
    const server = await neighbour('b');
    const refused: ReportRequest[] = [];
    registry.misbehaviours.set('/report_metrics', (_request, response, body) => {
      refused.push(JSON.parse(body));
      response.setHeader('retry-after', '1');
      sendJson(response, 503, { error: 'the store is away' });
    });
    const member = await joined();
    await until(() => expect(refused.length).toBeGreaterThan(0));
    server.closeAllConnections();
    server.close();
    await until(() => expect(member.health().reports.pending).toBeGreaterThan(1));
    registry.misbehaviours.clear();
    await isReported('tcp', 'b', 'failed');
    await until(() => expect(member.health().reports.pending).toBe(0));
    const [first] = refused;
    const again = registry.reports.filter((report) => report.report_id === first?.report_id);
    expect(again).toHaveLength(1);
    expect(again[0]).toMatchObject({ taken_at: first?.taken_at, current: false });
    const ids = registry.reports.map((report) => report.report_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('drops a report that the registry will never take, and no other', async () => {
    await neighbour('b');
    let refusals = 0;
    registry.misbehaviours.set('/report_metrics', (_request, response) => {
      refusals += 1;
      registry.misbehaviours.delete('/report_metrics');
      sendJson(response, 400, { error: 'no' });
    });
    const member = await joined({ reportInterval: 200 });
    await isReported('tcp', 'b', 'ok');
    expect(refusals).toBe(1);
    expect(member.health().reports.dropped).toBe(1);
  });

  it('says of nobody anything while it is offline itself, and tells of that when it is back', async () => {
    await neighbour('b');
    const monitor = new SimulatedNetwork();
    const member = await joined({ monitor, checkInterval: NEVER });
    await isReported('tcp', 'b', 'ok');
    await isReported('http', 'b', 'ok');
    const from = Date.now();
    monitor.down('no-carrier');
    await until(async () => {
      const page = await metricsOf(member);
      expect(page).toMatch(/^netring_member_offline 1$/m);
      expect(page).toMatch(/^netring_check_inconclusive{.*check_type="tcp".*} 1$/m);
      expect(page).toMatch(/^netring_check_inconclusive{.*check_type="http",endpoint="\/health"} 1$/m);
      expect(page).not.toMatch(/^netring_connectivity_(tcp|http){/m);
    });
    expect(member.health().network).toEqual({ state: 'down', reason: 'no-carrier' });
    await until(() => expect(member.health().reports.pending).toBeGreaterThan(0));
    monitor.up();
    const outages = () => registry.reports.flatMap(({ metrics }) => metrics.outages ?? []);
    await until(() => expect(outages().some(({ until: end }) => end !== undefined)).toBe(true));
    const outage = outages().find(({ until: end }) => end !== undefined);
    expect(outage).toMatchObject({ reason: 'no-carrier' });
    expect(outage?.from).toBeGreaterThanOrEqual(from);
    expect(outage?.until).toBeGreaterThanOrEqual(outage?.from ?? Number.POSITIVE_INFINITY);
    await isReported('tcp', 'b', 'ok');
    const verdicts = registry.reports.flatMap(({ metrics }) => metrics.checks ?? []).map(({ verdict }) => verdict);
    expect(verdicts).not.toContain('failed');
    expect(verdicts).toContain('inconclusive');
  });

  it('does not believe the first failure after an outage of its own, but the next', async () => {
    let asked = 0;
    const mute = createServer(() => {
      asked += 1;
    });
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    cleanUps.push(async () => {
      mute.closeAllConnections();
      mute.close();
    });
    registry.add({ instance_id: 'b', port: portOf(mute) });
    const monitor = new SimulatedNetwork();
    const told: { verdict: unknown; reason: unknown; asked: number }[] = [];
    const logger = ({ message, fields: { type, verdict, reason } }: LogRecord) => {
      if (message === 'verdict changed' && type === 'http') told.push({ verdict, reason, asked });
    };
    await joined({ monitor, logger, httpTimeout: 500, httpEndpoints: ['/health'] });
    await until(() => expect(told).toEqual([{ verdict: 'failed', reason: 'timeout', asked: 1 }]));
    monitor.down();
    await until(() => expect(told[1]).toMatchObject({ verdict: 'inconclusive', reason: 'offline' }));
    asked = 0;
    monitor.up();
    await until(() => expect(told[2]).toMatchObject({ verdict: 'failed', reason: 'timeout' }));
    expect(told[2]?.asked).toBeGreaterThan(1);
  });

  it('does not hold to what it heard when its network was gone already', async () => {
    const held: (() => void)[] = [];
    const server = createServer((_request, response) => held.push(() => sendJson(response, 200, {})));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    registry.add({ instance_id: 'b', port: portOf(server) });
    const monitor = new SimulatedNetwork();
    const member = await joined({ monitor, checkInterval: NEVER, httpEndpoints: ['/health'] });
    await until(() => expect(held).toHaveLength(1));
    monitor.down();
    await until(async () => expect(await metricsOf(member)).toMatch(/^netring_check_inconclusive{.*"tcp"/m));
    for (const answer of held) answer();
    await until(async () => {
      expect(await metricsOf(member)).toMatch(/^netring_check_(success|inconclusive){.*endpoint="\/health"}/m);
    });
    expect(await metricsOf(member)).not.toMatch(/^netring_connectivity_http{/m);
  });

  it('forgets members that have left, with all that is known of them', async () => {
    await neighbour('b');
    await neighbour('c');
    const member = await joined();
    await isReported('tcp', 'b', 'ok');
    await isReported('tcp', 'c', 'ok');
    const left = registry.members.get('b');
    if (left === undefined) throw new Error('there is no b');
    registry.members.set('b', { ...left, status: 'deregistered', deregistered_at: 1 });
    await until(async () => expect(await metricsOf(member)).not.toMatch(/_instance="b"/));
    expect(await metricsOf(member)).toMatch(/^netring_check_duration_seconds_count{.*target_instance="c"} \d/m);
    await until(() => expect(lastCheck('tcp', 'b')).toBeUndefined());
    expect(lastCheck('tcp', 'c')?.verdict).toBe('ok');
  });

  it('does not probe what its operator has not allowed, whatever the registry says', async () => {
    const server = await neighbour('b');
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    registry.add({ instance_id: 'c', ip: 'inside.example', port: portOf(server) });
    const resolve: MemberOptions['resolve'] = async () => ({ addresses: ['127.0.0.1'] });
    await joined({ allow: ['192.0.2.0/24'], resolve });
    await isReported('tcp', 'b', 'inconclusive');
    await isReported('tcp', 'c', 'inconclusive');
    expect(lastCheck('tcp', 'b')?.reason).toBe('not-allowed');
    expect(lastCheck('tcp', 'c')?.reason).toBe('not-allowed');
    expect(connections).toBe(0);
  });

  it('shows in its health which of its tasks are dead', async () => {
    registry.misbehaviours.set('/members', () => {});
    const member = await joined({ taskTimeout: 400 });
    await until(() => expect(member.health()).toMatchObject({ unhealthy_tasks: ['member_polling'] }));
    const seen = await until(async () => {
      const { status, body } = await healthOf(member);
      expect(body.task_health['member_polling']?.restarts).toBeGreaterThan(0);
      return { status, body };
    });
    expect(seen.body).toMatchObject({
      component: 'member',
      instance_id: 'me',
      location: 'here',
      members_count: 0,
      fault_tolerance: { task_timeout_seconds: 0.4, health_monitor_interval_seconds: 0.1 },
    });
    expect(Object.keys(seen.body.task_health)).toEqual([
      'registration',
      'heartbeat',
      'member_polling',
      'connectivity_check',
      'metrics_reporting',
      'report_delivery',
    ]);
  });

  it.each<[string, string, Misbehaviour]>([
    ['a list that never ends', '/members', (_request, response) => flood(response, '{"members":[')],
    ['no JSON', '/members', (_request, response) => void response.end('<html>')],
    ['no list', '/members', (_request, response) => sendJson(response, 200, { members: { length: 1e9 } })],
    ['nonsense for members', '/members', (_request, response) => sendJson(response, 200, { members: [null, 1, {}] })],
    ['a redirect', '/members', (_request, response) => void response.writeHead(302, { location: '/evil' }).end()],
    ['a head that breaks off', '/members', (request) => void request.socket.destroy()],
    ['what is no HTTP', '/members', (request) => void request.socket.end('EHLO\r\n')],
    [
      'a body that breaks off',
      '/members',
      (request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{');
        setTimeout(() => request.socket.destroy(), 20);
      },
    ],
    [
      'another member',
      '/register',
      (_request, response) => {
        sendJson(response, 200, { instance_id: 'somebody', status: 'registered' });
      },
    ],
    ['no acknowledgement', '/heartbeat', (_request, response) => sendJson(response, 200, { status: 'maybe' })],
  ])('takes no harm where a registry answers with %s', async (_what, path, misbehaviour) => {
    registry.misbehaviours.set(path, misbehaviour);
    const member = await joined();
    await until(() => expect(registry.requests.some((request) => request.endsWith(path))).toBe(true));
    expect((await healthOf(member)).status).toBe(200);
    expect(member.health()).toMatchObject({ members_count: 0, registry: { registered: path !== '/register' } });
    registry.misbehaviours.clear();
    await neighbour('b');
    await isReported('tcp', 'b', 'ok');
    expect(registry.requests.some((request) => request.includes('evil'))).toBe(false);
  });

  it('only tells: nobody can change anything in it', async () => {
    const member = await joined();
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await fetch(`${member.url}/bandwidth_test/lease`, { method })).status).toBe(405);
    }
    expect((await fetch(`${member.url}/docs`)).status).toBe(200);
    expect((await fetch(`${member.url}/nothing`)).status).toBe(404);
  });

  it.each(['/%62andwidth_test', '/bandwidth%5ftest?size=1', '/bandwidth_test/', '//bandwidth_test'])(
    'leaves nobody waiting who asks for %s',
    async (path) => {
      const member = await joined();
      expect((await fetch(`${member.url}${path}`)).status).toBe(404);
    },
  );

  it('serves bandwidth tests, as Netring does', async () => {
    const member = await joined();
    const response = await fetch(`${member.url}/bandwidth_test?size=2`);
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(2 * 2 ** 20);
    expect((await fetch(`${member.url}/bandwidth_test?size=x`)).status).toBe(400);
  });

  it('refuses a bandwidth test to whom the timetable gives no turn', async () => {
    const member = await joined();
    const query = new URLSearchParams({ source: 'stranger', version: 'ab', at: '1' });
    const response = await fetch(`${member.url}/bandwidth_test/claim?${query}`);
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({ error: 'not now: pair', reason: 'pair' });
    expect((await fetch(`${member.url}/bandwidth_test/claim`)).status).toBe(400);
  });

  it('measures the bandwidth from others by the timetable, and the routes to them', async () => {
    const fast: Partial<MemberOptions> = {
      bandwidthInterval: 100,
      firstBandwidthTest: 0,
      tracerouteInterval: 500,
      firstTraceroute: 0,
      timetable: { slot: 1_800, clockTolerance: 300 },
    };
    await joined(fast);
    await joined({ ...fast, instanceId: 'other' });
    // A busy machine may need several turns.
    const seen = (source: string, type: CheckRecord['type']) =>
      registry.reports
        .filter((report) => report.instance_id === source)
        .flatMap(({ metrics }) => metrics.checks ?? [])
        .findLast((check) => check.type === type);
    for (const source of ['me', 'other']) {
      await vi.waitFor(() => expect(seen(source, 'bandwidth')?.verdict).toBe('ok'), { timeout: 15_000, interval: 10 });
    }
    expect(seen('me', 'bandwidth')?.bandwidth_mbps).toBeGreaterThan(1);
    await until(() => expect(seen('me', 'traceroute')).toBeDefined());
  });

  it('writes down what it goes through, as far as that is wanted', async () => {
    const lines: string[] = [];
    const logger = {
      debug: (line: string) => lines.push(`debug ${line}`),
      info: (line: string) => lines.push(`info ${line}`),
      warn: (line: string) => lines.push(`warn ${line}`),
      error: (line: string) => lines.push(`error ${line}`),
    };
    registry.misbehaviours.set('/members', (_request, response) => sendJson(response, 500, { error: 'broken' }));
    await joined({ logger, logLevel: 'warn' });
    await until(() =>
      expect(lines.join('\n')).toMatch(/warn the registry does not do what it is asked for .*500: broken/),
    );
    expect(lines.filter((line) => !line.startsWith('warn'))).toEqual([]);
  });
});

function flood(response: Parameters<Misbehaviour>[1], begin: string): void {
  response.on('error', () => {});
  response.write(begin);
  const block = `${'"x",'.repeat(16_384)}`;
  const write = (): void => {
    while (!response.destroyed && response.write(block));
    if (!response.destroyed) response.once('drain', write);
  };
  write();
}
