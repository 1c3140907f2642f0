import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { srvHostOf } from '../../../../src/probes/schedule/srv-selection.js';
import { type LookUpSrv, type SrvAnswer, SrvSource, tasksFromSrv } from '../../../../src/probes/schedule/srv-source.js';
import type { ScheduleTask } from '../../../../src/probes/schedule/task.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const SELECTION = { srv: '_ldap._tcp.example.com', probe: 'tcp' } as const;

function lookUps(...answers: readonly (SrvAnswer | Error)[]): { readonly lookUp: LookUpSrv; readonly times: number[] } {
  const times: number[] = [];
  const lookUp: LookUpSrv = async () => {
    times.push(performance.now());
    const answer = answers[times.length - 1] ?? answers.at(-1);
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  };
  return { lookUp, times };
}

const one: SrvAnswer = { hosts: [{ host: 'dc1.example.com', port: 389 }], ttl: 60 };
const two: SrvAnswer = { hosts: [...one.hosts, { host: 'dc2.example.com', port: 389 }], ttl: 60 };

function sink() {
  const seen = { tasks: [] as readonly ScheduleTask[], errors: [] as Error[] };
  return {
    seen,
    replace: (tasks: readonly ScheduleTask[]) => {
      seen.tasks = tasks;
    },
    fail: (error: Error) => {
      seen.errors.push(error);
    },
  };
}

describe('a service in DNS', () => {
  it('gives a task for each of its hosts, and is read again when the TTL has passed', async () => {
    const { lookUp, times } = lookUps(one, two);
    const into = sink();
    const source = new SrvSource(SELECTION, lookUp);
    await source.start(into);
    expect(into.seen.tasks).toEqual([
      { probe: 'tcp', name: 'tcp _ldap._tcp.example.com dc1.example.com:389', target: 'dc1.example.com:389' },
    ]);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(times).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(into.seen.tasks.map(({ target }) => target)).toEqual(['dc1.example.com:389', 'dc2.example.com:389']);
    source.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes a host once that stands there twice, with different priorities', async () => {
    const { lookUp } = lookUps({ ...two, hosts: [...two.hosts, { host: 'DC1.example.com', port: 389 }] });
    const into = sink();
    const source = new SrvSource(SELECTION, lookUp);
    await source.start(into);
    expect(into.seen.tasks).toHaveLength(2);
    source.stop();
  });

  it('is not asked for before it is started', async () => {
    const { lookUp, times } = lookUps(one);
    const source = new SrvSource(SELECTION, lookUp);
    await source.refresh();
    expect(times).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps its hosts while it cannot be read, says so, and tries again soon', async () => {
    const { lookUp, times } = lookUps(one, new Error('away'), two);
    const into = sink();
    const source = new SrvSource(SELECTION, lookUp);
    await source.start(into);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(into.seen.errors.map(({ message }) => message)).toEqual([
      'the hosts of _ldap._tcp.example.com could not be read: away',
    ]);
    expect(into.seen.tasks).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(times).toHaveLength(3);
    expect(into.seen.tasks).toHaveLength(2);
    source.stop();
  });

  it('is not asked more often than every five seconds, whatever the TTL', async () => {
    const { lookUp, times } = lookUps({ ...one, ttl: 0 });
    const source = new SrvSource(SELECTION, lookUp);
    await source.start(sink());
    await vi.advanceTimersByTimeAsync(10_000);
    expect(times).toHaveLength(3);
    source.stop();
  });

  it('brings nothing once it is stopped, also when it is just being read', async () => {
    let answer = (_: SrvAnswer): void => {};
    const into = sink();
    const source = new SrvSource(
      SELECTION,
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const started = source.start(into);
    source.stop();
    answer(one);
    await started;
    expect(into.seen).toEqual({ tasks: [], errors: [] });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('makes targets by a template', async () => {
    const into = sink();
    const source = new SrvSource(
      { srv: '_a._tcp.b.c', probe: 'dns', target: '{host}', options: { type: 'AAAA' } },
      lookUps(one).lookUp,
    );
    await source.start(into);
    expect(into.seen.tasks[0]).toMatchObject({ probe: 'dns', target: 'dc1.example.com', options: { type: 'AAAA' } });
    source.stop();
  });

  it('is refused where something is wrong with it', () => {
    expect(() => tasksFromSrv({ srv: 'example.com', probe: 'tcp' })).toThrow('tasksFromSrv: srv');
    expect(() => tasksFromSrv({ srv: '_a._tcp.b.c', probe: 'dns' })).toThrow('tasksFromSrv: target');
    expect(() => tasksFromSrv({ srv: '_a._tcp.b.c', probe: 'tcp', options: { colour: 'red' } })).toThrow(
      'probeTcp: colour',
    );
  });
});

describe('a record', () => {
  it.each([
    ['10 60 389 dc1.example.com', { host: 'dc1.example.com', port: 389 }],
    ['10 60 389 dc1.example.com.', { host: 'dc1.example.com', port: 389 }],
    ['0 0 0 .', undefined],
    ['0 0 0 ', undefined],
  ])('%j names %j', (record, host) => {
    expect(srvHostOf(record)).toEqual(host);
  });
});
