import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeRegistry } from '../../../../src/cli/ring/registry/describe-registry.js';
import { watchesItself } from '../../../../src/cli/ring/registry/own-network.js';
import { keepDiary } from '../../../../src/cli/ring/registry/ring-diary.js';
import { RingLog } from '../../../../src/cli/ring/ring-log.js';
import { MemoryStore, readExpectedMembers } from '../../../../src/ring/index.js';

const NOTHING = { redis: undefined, expected: undefined };

describe('a registry', () => {
  it.each([
    [{}, false],
    [{ host: '127.0.0.1' }, false],
    [{ host: '::1' }, false],
    [{ host: '0:0:0:0:0:0:0:1' }, false],
    [{ host: '::ffff:127.0.0.2' }, false],
    [{ host: '127.no.address' }, true],
    [{ host: '0.0.0.0' }, true],
    [{ host: '192.0.2.1' }, true],
    [{ host: '192.0.2.1', monitor: false }, false],
    [{ monitor: true }, true],
    [{ checkHosts: ['192.0.2.53'] }, true],
    [{ checkHosts: ['192.0.2.53'], monitor: false }, false],
  ])('with %j watches itself: %s', (settings, expected) => {
    expect(watchesItself(settings)).toBe(expected);
  });

  it('says whom it serves, what is kept where, and what can be asked', () => {
    const url = 'http://127.0.0.1:8756';
    const own = describeRegistry({ url, isForOthers: false, ...NOTHING, settings: {} }).join('\n');
    expect(own).toContain('for this host alone; anybody may change what it knows, reading is open');
    expect(own).toContain('in memory');
    expect(own).not.toContain('expected');
    expect(own).toContain(`Prometheus scrapes ${url}/metrics`);
    const settings = { tokens: { kind: 'variable', token: 'x' }, readTokens: 'y' } as const;
    const open = describeRegistry({ url, isForOthers: true, ...NOTHING, redis: 'redis://192.0.2.1', settings }).join(
      '\n',
    );
    expect(open).toContain('for all who reach it; members need a token, reading needs a token too');
    expect(open).toContain('in Redis, at redis://192.0.2.1');
  });

  it('says how many members are expected, and by which file', () => {
    const expected = readExpectedMembers({
      expected_members: {
        locations: {
          dc1: { expected_count: 3, criticality: 'high' },
          dc2: { expected_count: 2, criticality: 'low' },
        },
      },
    });
    const facts = { url: 'http://127.0.0.1:8756', isForOthers: false, redis: undefined, expected };
    expect(describeRegistry({ ...facts, settings: { expected: 'sites.yaml' } })).toContain(
      '2 locations, 5 members expected (sites.yaml)',
    );
  });
});

describe('the diary of a ring', () => {
  const member = { location: 'dc1', ip: '192.0.2.7', port: 8757 };
  let store: MemoryStore;
  let lines: string[];
  let end: () => void;

  beforeEach(async () => {
    lines = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      lines.push(String(text).replace(/^\S+ /, '').trimEnd());
      return true;
    });
    store = new MemoryStore();
    await store.put('member', 'm0', member, 60_000);
    end = keepDiary(store, new RingLog({ level: 'info', json: false }));
  });
  afterEach(async () => {
    end();
    await store.close();
    vi.restoreAllMocks();
  });

  it('tells once of each who comes, and how they go', async () => {
    await store.put('member', 'm0', member, 60_000);
    for (let beat = 0; beat < 3; beat += 1) await store.put('member', 'm1', member, 60_000);
    await store.put('metrics', 'm1', {}, 60_000);
    await store.put('deregistered', 'm1', member, 60_000);
    await store.delete('member', 'm1');
    await store.delete('member', 'm0');
    await store.delete('member', 'm0');
    expect(lines).toEqual([
      'info  member joined id=m1 location=dc1 ip=192.0.2.7 port=8757',
      'info  member left id=m1 location=dc1',
      'warn  member was not heard of any more id=m0',
    ]);
  });

  it('tells of outages that members had themselves', async () => {
    const outage = { id: 'm0', location: 'dc1', from: 1, until: 2, reason: 'no-carrier' };
    await store.put('outage', 'm0 1', outage, 60_000);
    expect(lines).toEqual(['warn  member was offline itself id=m0 location=dc1 from=1 until=2 reason=no-carrier']);
  });

  it('tells nothing any more when it has ended', async () => {
    end();
    await store.put('member', 'm1', member, 60_000);
    expect(lines).toEqual([]);
  });
});
