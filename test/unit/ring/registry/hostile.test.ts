import { connect } from 'node:net';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AskedRegistry, check } from './asking.js';

const MEMBER = { instance_id: 'a', location: 'dc1', ip: '192.0.2.1', port: 8757 };
const PATHS = ['/register', '/heartbeat', '/deregister', '/report_metrics'];

describe('a registry that is asked nonsense', () => {
  let registry: AskedRegistry;

  beforeAll(async () => {
    registry = await AskedRegistry.start();
    await registry.register('a');
  });

  afterAll(() => registry[Symbol.asyncDispose]());

  it.each([
    ['nothing', ''],
    ['half of something', '{"instance_id":"a"'],
    ['no object', '[]'],
    ['null', 'null'],
    [
      'a number that is none',
      '{"instance_id":"a","metrics":{},"taken_at":1e999,"location":"x","ip":"192.0.2.1","port":1e999}',
    ],
    ['a name twice, the last of another type', '{"instance_id":"a","instance_id":5}'],
    ['other types', '{"instance_id":{"toString":"x"},"location":[],"ip":{},"port":"1","metrics":[]}'],
    ['half a surrogate pair', JSON.stringify({ ...MEMBER, instance_id: '\ud800', metrics: {} })],
    ['a line break', JSON.stringify({ ...MEMBER, instance_id: 'a\r\nx-evil: 1', metrics: {} })],
    ['text that turns around', JSON.stringify({ ...MEMBER, instance_id: 'a\u202eb', metrics: {} })],
    ['a name without end', JSON.stringify({ ...MEMBER, instance_id: 'x'.repeat(129), metrics: {} })],
    ['depth', `{"instance_id":"a","metrics":{"x":${'['.repeat(20)}${']'.repeat(20)}},"location":{}}`],
    ['depth without end', `{"instance_id":"a","metrics":{"x":${'['.repeat(2e6)}${']'.repeat(2e6)}},"location":{}}`],
  ])('answers %s with 400 and a sentence', async (what, body) => {
    for (const path of PATHS) {
      // Which need no more than an id.
      if (what.startsWith('depth') && !path.startsWith('/re')) continue;
      if (what.startsWith('a number') && !path.startsWith('/re')) continue;
      const { status, json } = await registry.post(path, body);
      expect({ path, status, json }).toEqual({ path, status: 400, json: { error: expect.any(String) } });
    }
  });

  it('takes a body of 4 MiB, and no more', async () => {
    const [begin, end] = ['{"instance_id":"a","metrics":{"x":"', '"}}'];
    const fill = 'y'.repeat(4 * 2 ** 20 - begin.length - end.length);
    expect((await registry.post('/report_metrics', begin + fill + end)).status).toBe(200);
    expect((await registry.post('/report_metrics', `${begin + fill} ${end}`)).status).toBe(413);
    await registry.report('a', {});
  });

  it('takes a name for nothing but a name', async () => {
    const names = [
      '__proto__',
      'constructor',
      'toString',
      '"}\\',
      '<svg/onload=x>',
      '\'"><script>',
      'x,y="1"} 2',
      '%0d%0a',
      '\u00a0',
    ];
    for (const name of names) {
      expect((await registry.register(name, { location: name })).status).toBe(200);
      const polluting = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
      expect((await registry.report(name, { ...polluting, checks: [] })).status).toBe(200);
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    const members: unknown = Reflect.get(Object((await registry.get('/members')).json), 'members');
    expect(Object(members)).toEqual(
      expect.arrayContaining(names.map((name) => expect.objectContaining({ instance_id: name, location: name }))),
    );
    expect(Object.keys(Object(Reflect.get(Object((await registry.get('/metrics')).json), 'metrics')))).toEqual(
      expect.arrayContaining(names),
    );
    const page = await registry.get('/plain');
    expect(page.text).not.toMatch(/<script|<svg/);
    for (const name of names) expect((await registry.post('/deregister', { instance_id: name })).status).toBe(200);
  });

  it('writes one line for each series, whatever members are called', async () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(name, name, async (id, location) => {
        const { status } = await registry.register(id, { location });
        if (status !== 200) return;
        const { text } = await registry.get('/metrics?format=prometheus');
        const lines = text.split('\n').filter((line) => line.startsWith('netring_member_last_seen_timestamp{'));
        expect(lines.map(labelsOf)).toContainEqual([location, id]);
        await registry.post('/deregister', { instance_id: id });
      }),
      { numRuns: 50 },
    );
  });

  it('draws whatever traces tell', async () => {
    await registry.register('n', { location: 'dc9' });
    const hops = [
      { hop: 1, ip: '</text><script>alert(1)</script>', latency_ms: 1e308 },
      { hop: 2, ip: '\u0000', latency_ms: 1 },
      { hop: 3, ip: 'x'.repeat(1_000), latency_ms: 1 },
      { hop: Number.NaN, ip: '192.0.2.9', latency_ms: -5 },
      null,
      [],
    ];
    const traces = {
      a: { target_location: '<b>', hops },
      b: 5,
      c: null,
      d: { hops: 5 },
      e: { target_location: '\u0001', hops },
    };
    await registry.report('n', { detailed_traceroute_data: traces });
    const { status, text } = await registry.get('/topology/svg');
    expect(status).toBe(200);
    expect(new XMLParser({ processEntities: false }).parse(text, true)).toHaveProperty('svg');
    expect(text).not.toContain('<script');
    const { json } = await registry.get('/topology');
    expect(json).toMatchObject({ summary: { locations: ['<b>', 'dc9'], total_routers: 1 } });
  });

  it('bounds a picture by the hops that there are', async () => {
    await using other = await AskedRegistry.start();
    await other.register('a');
    const hops = Array.from({ length: 250 }, (_, index) => ({ hop: index + 1, ip: `10.0.0.${index}`, latency_ms: 1 }));
    const checks = Array.from({ length: 90 }, (_, index) =>
      check({ type: 'traceroute', target: `${index}`, target_location: `dc${index}`, hops }),
    );
    for (const id of ['a', 'b', 'c']) {
      await other.register(id, { location: `from ${id}` });
      expect((await other.report(id, { checks })).status).toBe(200);
    }
    const { json } = await other.get('/topology');
    const edges: unknown = Reflect.get(Object(Reflect.get(Object(json), 'topology')), 'edges');
    expect(Object(edges).length).toBeGreaterThan(19_000);
    expect(Object(edges).length).toBeLessThanOrEqual(20_000);
  });

  it.each([
    ['nonsense', '\u0016\u0003\u0001\u0002\u0000\u0001'],
    ['a header without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}`],
    ['two lengths', 'POST /register HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n'],
    [
      'a length and chunks',
      'POST /register HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('drops who sends %s, and serves the others', async (_what, bytes) => {
    const socket = connect(registry.registry.port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(bytes);
    socket.resume();
    await closed;
    expect((await registry.get('/health')).status).toBe(200);
  });
});

/** Of a line of Prometheus: location and id, as it would read them. */
function labelsOf(line: string): readonly string[] {
  const [, location = '', id = ''] = /^[^{]*\{location="(.*)",instance_id="(.*)"\} /.exec(line) ?? [];
  return [location, id].map((text) => text.replace(/\\(.)/g, (_all, c: string) => (c === 'n' ? '\n' : c)));
}
