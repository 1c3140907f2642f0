import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { ProbeSchedule, type ScheduledResult } from '../../../../src/probes/schedule/probe-schedule.js';
import type { ProbeFunction, ScheduleTask } from '../../../../src/probes/schedule/task.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { FakeMonitor, FakeMonitorWithTargets } from '../fake-monitor.js';
import { answer, aResult, deaf, HeldProbes, hangs } from './fixtures.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const pass = (duration: number) => vi.advanceTimersByTimeAsync(duration);

/** Stops, and lets what is in flight be ended: where in its interval a task is depends on the host's name. */
async function end(schedule: ProbeSchedule): Promise<void> {
  const stopped = schedule.stop();
  await pass(10_000);
  await stopped;
}

/** Tasks that answer at once. */
function many(count: number, fields: Partial<ScheduleTask> = {}, probe: ProbeFunction = answer): ScheduleTask[] {
  return Array.from({ length: count }, (_, index) => {
    const { name: _n, probe: _p, options: _o, ...rest } = fields;
    return { ...rest, probe, name: `task ${index}`, target: `host${index}` };
  });
}

function record(schedule: ProbeSchedule): ScheduledResult[] {
  const results: ScheduledResult[] = [];
  schedule.on('result', (event) => results.push(event));
  return results;
}

describe('a schedule', () => {
  it('probes each target once an interval, in a rhythm that does not drift', async () => {
    const schedule = new ProbeSchedule({ interval: 10_000 });
    const starts: number[] = [];
    schedule.add({
      name: 'a',
      target: 'a',
      probe: async (target) => {
        starts.push(performance.now());
        return aResult(target);
      },
    });
    await schedule.start();
    await pass(100_000);
    await end(schedule);
    expect(starts).toHaveLength(10);
    const first = starts[0] ?? 0;
    // A timer is late by less than a millisecond; that is never added up.
    for (const [index, start] of starts.entries()) expect(start - first - index * 10_000).toBeLessThan(1);
  });

  it('spreads the first runs over the interval, and in the same way after a restart', async () => {
    const order = async () => {
      const schedule = new ProbeSchedule({ interval: 10_000, seed: 'host' });
      const results = record(schedule);
      schedule.replace(many(100));
      await schedule.start();
      const counts: number[] = [];
      for (let second = 0; second < 10; second += 1) {
        await pass(1_000);
        counts.push(results.length);
      }
      await end(schedule);
      return { counts, at: results.map(({ task, result }) => [task.name, result.startedAt % 10_000]).sort() };
    };
    const first = await order();
    expect(first.counts.at(-1)).toBe(100);
    expect(first.counts[4]).toBeGreaterThan(25);
    expect(first.counts[4]).toBeLessThan(75);
    await pass(3_333);
    expect((await order()).at).toEqual(first.at);
  });

  it('runs all at once, with a slow start, where it is told so', async () => {
    const schedule = new ProbeSchedule({ interval: 60_000, firstRun: 'at-once' });
    const results = record(schedule);
    schedule.replace(many(100));
    await schedule.start();
    await pass(1);
    expect(results).toHaveLength(1);
    await pass(198);
    expect(results).toHaveLength(8);
    await pass(1_000);
    expect(results).toHaveLength(100);
    await end(schedule);
  });

  it('passes target, options with the timeout, and a context on, and tells task and result', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const probe = vi.fn(answer);
    const results = record(schedule);
    schedule.add({ probe, target: 'host', options: { depth: 3 }, labels: { site: 'berlin' }, timeout: 300 });
    await schedule.start();
    await pass(1_000);
    expect(probe).toHaveBeenCalledWith(
      'host',
      { depth: 3 },
      expect.objectContaining({ signal: expect.any(AbortSignal) }),
    );
    expect(results[0]).toMatchObject({
      task: { target: 'host', labels: { site: 'berlin' }, timeout: 300 },
      result: { status: 'ok' },
    });
    await end(schedule);
  });

  it('never has more in flight than it may, and says how many wait', async () => {
    const schedule = new ProbeSchedule({ interval: 10_000, concurrency: 7, timeout: 60_000 });
    const probes = new HeldProbes();
    schedule.replace(many(50, {}, probes.probe));
    await schedule.start();
    await pass(10_000);
    expect(probes.most).toBe(7);
    expect(schedule.health()).toMatchObject({ inFlight: 7, queued: 43 });
    for (let round = 0; round < 10; round += 1) {
      probes.finishAll();
      await pass(0);
    }
    expect(probes.most).toBe(7);
    expect(schedule.health()).toMatchObject({ queued: 0 });
    probes.finishAll();
    await end(schedule);
  });

  it('starts no more in a second than it may', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000, rate: 20 });
    const results = record(schedule);
    schedule.replace(many(100));
    await schedule.start();
    await pass(10_000);
    expect(results.length).toBeGreaterThanOrEqual(195);
    expect(results.length).toBeLessThanOrEqual(203);
    await end(schedule);
  });

  it('has at most one probe of a task in flight: an overrun is told and counted, and nothing piles up', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000, timeout: 60_000 });
    const probes = new HeldProbes();
    const overruns: string[] = [];
    schedule.on('overrun', ({ name }) => overruns.push(name));
    schedule.add({ name: 'slow', probe: probes.probe, target: 'a' });
    await schedule.start();
    await pass(5_500);
    expect(probes.starts).toBe(1);
    expect(overruns.length).toBeGreaterThanOrEqual(4);
    expect(schedule.health().tasks[0]).toMatchObject({ state: 'running', overruns: overruns.length, runs: 1 });
    probes.finishAll();
    await pass(1_000);
    expect(probes.starts).toBe(2);
    probes.finishAll();
    await end(schedule);
  });

  it('leaves out what was missed while the process stood still, and then begins with a few', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const results = record(schedule);
    const dead = vi.fn();
    schedule.on('dead', dead);
    schedule.replace(many(200));
    await schedule.start();
    await pass(1_000);
    const before = results.length;
    // The clock goes on, and no timer fires.
    const now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now + 60_000 + (Date.now() - epoch));
    const epoch = Date.now();
    await pass(50);
    expect(results.length - before).toBeLessThanOrEqual(8);
    await pass(2_000);
    expect(results.length - before).toBeGreaterThanOrEqual(200);
    expect(results.length - before).toBeLessThan(700);
    const missed = schedule.health().tasks.map((task) => task.missed);
    expect(Math.min(...missed)).toBeGreaterThanOrEqual(58);
    // No result could come meanwhile.
    expect(dead).not.toHaveBeenCalled();
    expect(schedule.health()).toMatchObject({ status: 'ok', dead: 0 });
    vi.mocked(performance.now).mockRestore();
    await end(schedule);
  });
});

describe('the tasks of a schedule', () => {
  it('may take as long as a timer can hold', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000, timeout: 2 ** 31 - 1 });
    const probes = new HeldProbes();
    const crash = vi.fn();
    schedule.on('crash', crash);
    schedule.add({ probe: probes.probe, target: 'a' });
    await schedule.start();
    await pass(2_000);
    expect(crash).not.toHaveBeenCalled();
    probes.finishAll();
    await end(schedule);
  });

  it('are what they were when they were given: what is changed there counts when they are given again', () => {
    const schedule = new ProbeSchedule();
    const labels = { site: 'berlin' };
    const task = { probe: answer, target: 'a', interval: 1_000, labels };
    schedule.replace([task]);
    task.interval = 2_000;
    labels.site = 'bonn';
    expect(schedule.tasks).toMatchObject([{ interval: 1_000, labels: { site: 'berlin' } }]);
    schedule.replace([task]);
    expect(schedule.tasks).toMatchObject([{ interval: 2_000, labels: { site: 'bonn' } }]);
  });

  it('come from sources that may fail: a broken one is an error event', async () => {
    const schedule = new ProbeSchedule();
    const errors: string[] = [];
    schedule.on('error', ({ message }) => errors.push(message));
    const broken = { start: () => Promise.reject(new Error('a bug')), refresh: async () => {}, stop: () => {} };
    schedule.addSource(broken);
    await schedule.start();
    schedule.addSource({ ...broken });
    await pass(0);
    expect(errors).toEqual(['a bug', 'a bug']);
    await end(schedule);
  });

  it('are refused before anything starts where something is wrong with them', () => {
    const schedule = new ProbeSchedule();
    const add = (task: object) => () => schedule.add(Object.assign({ probe: answer, target: 'a' }, task));
    expect(add({ interval: 0 })).toThrow('ProbeSchedule.add: interval must be');
    expect(add({ probe: 'telnet' })).toThrow('ProbeSchedule.add: probe must be one of');
    expect(add({ probe: 'tcp', target: 'host:1', options: { colour: 'red' } })).toThrow('probeTcp: colour');
    expect(add({ probe: 'tcp', target: 'without-a-port' })).toThrow('probeTcp: target');
    expect(add({ labels: { site: 1 } })).toThrow(InvalidOptionError);
    expect(add({ interbal: 1 })).toThrow('there is no such option');
    expect(add({ target: undefined })).toThrow('target');
    expect(schedule.tasks).toEqual([]);
  });

  it.each<object>([
    { concurrency: 0 },
    { rate: 0 },
    { interval: -1 },
    { monitor: { state: 'up' } },
    { firstRun: 'soon' },
    { nothing: 1 },
  ])('nor are options taken that are none: %j', (options) => {
    expect(() => new ProbeSchedule(options)).toThrow(InvalidOptionError);
  });

  it('have names that are theirs alone', () => {
    const schedule = new ProbeSchedule();
    schedule.add({ probe: answer, target: 'a' });
    expect(() => schedule.add({ probe: answer, target: 'a' })).toThrow('name must be another');
    schedule.add({ name: 'other', probe: answer, target: 'a' });
    expect(schedule.tasks.map(({ name }) => name)).toEqual(['answer a', 'other']);
  });

  it('are replaced: what is as it was goes on undisturbed, what has changed is removed and added', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const events: string[] = [];
    schedule.on('added', ({ name }) => events.push(`+${name}`));
    schedule.on('removed', ({ name }) => events.push(`-${name}`));
    schedule.replace([
      { name: 'a', probe: answer, target: 'a' },
      { name: 'b', probe: answer, target: 'b' },
      { name: 'c', probe: answer, target: 'c' },
    ]);
    await schedule.start();
    await pass(2_000);
    events.length = 0;
    schedule.replace([
      { name: 'a', probe: answer, target: 'a' },
      { name: 'b', probe: answer, target: 'b', interval: 500 },
      { name: 'd', probe: answer, target: 'd' },
    ]);
    expect(events).toEqual(['-b', '-c', '+b', '+d']);
    const { tasks } = schedule.health();
    expect(tasks.map(({ name, runs }) => [name, runs > 0])).toEqual([
      ['a', true],
      ['b', false],
      ['d', false],
    ]);
    await end(schedule);
  });

  it('stay as they were where one of the new ones is wrong', () => {
    const schedule = new ProbeSchedule();
    schedule.add({ name: 'a', probe: answer, target: 'a' });
    const wrong = { name: 'c', probe: answer, target: 'c', interval: 0 };
    expect(() => schedule.replace([{ name: 'b', probe: answer, target: 'b' }, wrong])).toThrow(InvalidOptionError);
    expect(schedule.tasks.map(({ name }) => name)).toEqual(['a']);
  });

  it('are removed at once: the run in flight is ended and gives no result', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const probes = new HeldProbes();
    const results = record(schedule);
    schedule.add({ name: 'a', probe: probes.probe, target: 'a' });
    await schedule.start();
    await pass(1_000);
    expect(probes.starts).toBe(1);
    expect(schedule.remove('a')).toBe(true);
    expect(schedule.remove('a')).toBe(false);
    await pass(5_000);
    expect(results).toEqual([]);
    expect(probes.starts).toBe(1);
    expect(schedule.health()).toMatchObject({ tasks: [], inFlight: 0 });
    await end(schedule);
  });

  it('are not kept in mind when they come and go in great numbers', async () => {
    const schedule = new ProbeSchedule({ interval: 86_400_000 });
    await schedule.start();
    for (let round = 0; round < 50; round += 1) schedule.replace(many(100, { labels: { round: String(round) } }));
    expect(schedule.tasks).toHaveLength(100);
    await end(schedule);
  });
});

describe('what a schedule tells of a task', () => {
  it('holds no password', () => {
    const schedule = new ProbeSchedule();
    schedule.add({
      probe: 'http',
      target: 'http://user:secret@a.example/',
      options: { headers: { authorization: 'secret' } },
    });
    expect(schedule.tasks).toMatchObject([{ name: 'http http://a.example/', target: 'http://a.example/' }]);
    expect(JSON.stringify([schedule.tasks, schedule.health()])).not.toContain('secret');
  });

  it('has the time that a probe takes at most, by its engine', () => {
    const schedule = new ProbeSchedule();
    schedule.add({ probe: 'tcp', target: 'a:1' });
    schedule.add({ probe: 'http', target: 'http://a/' });
    schedule.add({ probe: 'http', target: 'http://b/', timeout: 700 });
    schedule.add({ probe: 'dns', target: 'a', options: { timeout: 600 } });
    schedule.add({ probe: 'ping', target: 'a', timeout: 2_000, options: { count: 10, interval: 100 } });
    expect(schedule.tasks.map(({ timeout }) => timeout)).toEqual([5_000, 10_000, 700, 600, 12_900]);
  });
});

describe('an outage of this host', () => {
  it('pauses: no probe starts, those in flight end as they do, and what was skipped is counted', async () => {
    const monitor = new SimulatedNetwork();
    const schedule = new ProbeSchedule({ interval: 1_000, monitor, timeout: 60_000 });
    const probes = new HeldProbes();
    const results = record(schedule);
    const events: string[] = [];
    schedule.on('paused', () => events.push('paused'));
    schedule.on('resumed', () => events.push('resumed'));
    schedule.replace(many(10, {}, probes.probe));
    await schedule.start();
    await pass(1_000);
    expect(probes.starts).toBe(10);
    monitor.down();
    expect(schedule.health()).toMatchObject({ status: 'paused' });
    probes.finishAll();
    await pass(5_000);
    expect(results).toHaveLength(10);
    expect(probes.starts).toBe(10);
    expect(schedule.health().tasks.every(({ state, skipped }) => state === 'paused' && skipped >= 4)).toBe(true);
    monitor.up();
    expect(events).toEqual(['paused', 'resumed']);
    await pass(1_000);
    expect(probes.starts).toBeGreaterThanOrEqual(20);
    probes.finishAll();
    await end(schedule);
    expect(monitor.listeners).toBe(0);
  });

  it('leaves those alone that are given by an address to which the way stands, as in a LAN', async () => {
    const monitor = new FakeMonitorWithTargets();
    const gone = monitor.target('192.0.2.2');
    const schedule = new ProbeSchedule({ interval: 1_000, monitor });
    schedule.replace([
      { name: 'here', probe: 'tcp', target: '127.0.0.1:9' },
      { name: 'gone', probe: 'tcp', target: '192.0.2.2:9' },
      { name: 'named', probe: 'tcp', target: 'db.example.com:9' },
    ]);
    monitor.become('down', 'no-route');
    gone.become('down', 'no-route');
    await schedule.start();
    const states = () => Object.fromEntries(schedule.health().tasks.map(({ name, state }) => [name, state]));
    expect(states()).toEqual({ here: 'paused', gone: 'paused', named: 'paused' });
    await pass(1_000);
    expect(schedule.health().tasks.map(({ runs, skipped }) => ({ runs, skipped }))).toEqual([
      { runs: 1, skipped: 0 },
      { runs: 0, skipped: 1 },
      { runs: 0, skipped: 1 },
    ]);
    expect(states()).toMatchObject({ here: expect.stringMatching(/running|waiting/), gone: 'paused', named: 'paused' });
    gone.become('up', 'path');
    await pass(1_000);
    expect(schedule.health().tasks.map(({ runs }) => runs)).toMatchObject([2, 1, 0]);
    await end(schedule);
  });

  it('ends: it goes on at once, but with a few at first', async () => {
    const monitor = new SimulatedNetwork();
    const schedule = new ProbeSchedule({ interval: 60_000, monitor });
    const results = record(schedule);
    schedule.replace(many(500));
    await schedule.start();
    monitor.down();
    await pass(600_000);
    expect(results).toEqual([]);
    monitor.up();
    await pass(1);
    expect(results.length).toBeGreaterThanOrEqual(1);
    await pass(150);
    // A slow start of eight in 200 ms, and those whose own turn has come.
    expect(results.length).toBeLessThanOrEqual(20);
    await pass(5_000);
    expect(new Set(results.map(({ task }) => task.name)).size).toBe(500);
    expect(schedule.health()).toMatchObject({ status: 'ok', dead: 0 });
    await end(schedule);
  });

  it('holds back those too that only waited for a place', async () => {
    const monitor = new SimulatedNetwork();
    const schedule = new ProbeSchedule({ interval: 1_000, monitor, concurrency: 1, timeout: 60_000 });
    const probes = new HeldProbes();
    schedule.replace(many(3, {}, probes.probe));
    await schedule.start();
    await pass(1_000);
    expect(schedule.health()).toMatchObject({ inFlight: 1, queued: 2 });
    monitor.down();
    probes.finishAll();
    await pass(100);
    expect(probes.starts).toBe(1);
    await end(schedule);
  });

  it('does not pause a task that is told to go on', async () => {
    const monitor = new SimulatedNetwork({ state: 'down' });
    const schedule = new ProbeSchedule({ interval: 1_000, monitor });
    const results = record(schedule);
    schedule.replace([
      { name: 'lan', probe: answer, target: 'a', pauseWhileDown: false },
      { name: 'wan', probe: answer, target: 'b' },
    ]);
    await schedule.start();
    await pass(3_000);
    expect(new Set(results.map(({ task }) => task.name))).toEqual(new Set(['lan']));
    await end(schedule);
  });

  it('of unknown or degraded state pauses nothing', async () => {
    const monitor = new SimulatedNetwork({ state: 'unknown' });
    const schedule = new ProbeSchedule({ interval: 1_000, monitor });
    const results = record(schedule);
    schedule.add({ probe: answer, target: 'a' });
    await schedule.start();
    await pass(1_000);
    monitor.degraded();
    await pass(1_000);
    expect(results.length).toBeGreaterThanOrEqual(2);
    await end(schedule);
  });
});

describe('supervision', () => {
  it('lets no probe that throws harm another, and starts it again, later and later', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const results = record(schedule);
    const crashes: string[] = [];
    const starts: number[] = [];
    schedule.on('crash', ({ task, error }) => crashes.push(`${task.name}: ${error.message}`));
    schedule.add({
      name: 'bad',
      target: 'a',
      probe: () => {
        starts.push(performance.now());
        throw new Error('a bug');
      },
    });
    schedule.add({ name: 'good', target: 'b', probe: answer });
    await schedule.start();
    await pass(20_000);
    expect(results.filter(({ task }) => task.name === 'good').length).toBeGreaterThanOrEqual(19);
    expect(crashes[0]).toBe('bad: a bug');
    expect(starts.map((start, index) => Math.round((start - (starts[index - 1] ?? start)) / 1_000))).toEqual([
      0, 1, 2, 4, 8,
    ]);
    expect(schedule.health().tasks[0]).toMatchObject({ state: 'dead', crashes: 5, lastError: 'a bug' });
    expect(schedule.health()).toMatchObject({ status: 'failing', dead: 1 });
    await end(schedule);
  });

  it('says that a task rests, and forgets its crashes with the first result', async () => {
    let isBroken = true;
    const schedule = new ProbeSchedule({ interval: 1_000, deadAfter: 100 });
    schedule.add({
      target: 'a',
      probe: async (target) => {
        if (isBroken) throw new Error('a bug');
        return aResult(target);
      },
    });
    await schedule.start();
    await pass(5_000);
    expect(schedule.health().tasks[0]).toMatchObject({ state: 'backing-off', crashes: 3 });
    isBroken = false;
    await pass(10_000);
    const [health] = schedule.health().tasks;
    expect(health).toMatchObject({ state: 'waiting', lastStatus: 'ok' });
    expect(health).not.toHaveProperty('lastError');
    await end(schedule);
  });

  it('counts as a crash what is no result', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const wrong: unknown[] = [undefined, 'ok', { status: 'ok' }];
    const errors: string[] = [];
    schedule.on('crash', ({ error }) => errors.push(error.message));
    for (const [index, value] of wrong.entries()) {
      const probe: ProbeFunction = async () => JSON.parse(JSON.stringify(value ?? null));
      schedule.add({ name: `wrong ${index}`, probe, target: 'a' });
    }
    await schedule.start();
    await pass(1_000);
    expect(errors).toEqual(new Array(3).fill('the probe did not resolve to a result'));
    await end(schedule);
  });

  it('ends a probe that hangs, by its signal', async () => {
    const schedule = new ProbeSchedule({ interval: 10_000, timeout: 1_000, grace: 500 });
    const crashes: Error[] = [];
    schedule.on('crash', ({ error }) => crashes.push(error));
    schedule.add({ name: 'hung', probe: hangs, target: 'a' });
    await schedule.start();
    await pass(10_000);
    await pass(1_500);
    expect(crashes.length).toBeGreaterThanOrEqual(1);
    expect(crashes[0]).toMatchObject({ code: 'ERR_NETPAUSE_PROBE_HUNG', task: 'hung', after: 1_500 });
    expect(schedule.health().tasks[0]).toMatchObject({ abandoned: 0 });
    await end(schedule);
  });

  it('leaves a probe behind that does not even end by its signal, and does not do so for ever', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000, timeout: 100, grace: 0, concurrency: 1 });
    const starts = vi.fn(deaf);
    const results = record(schedule);
    schedule.add({ name: 'deaf', probe: starts, target: 'a' });
    schedule.add({ name: 'good', probe: answer, target: 'b' });
    await schedule.start();
    await pass(600_000);
    expect(starts).toHaveBeenCalledTimes(3);
    expect(schedule.health().tasks[0]).toMatchObject({ state: 'dead', abandoned: 3, crashes: 3 });
    expect(results.length).toBeGreaterThan(500);
    await end(schedule);
  });

  it('finds a task dead that has given no result for some intervals, and says so once', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000, timeout: 100_000, deadAfter: 3 });
    const dead: string[] = [];
    schedule.on('dead', ({ name }) => dead.push(name));
    const probes = new HeldProbes();
    schedule.add({ name: 'a', probe: probes.probe, target: 'a' });
    await schedule.start();
    await pass(100_000);
    expect(dead).toEqual([]);
    await pass(10_000);
    expect(dead).toEqual(['a']);
    expect(schedule.health()).toMatchObject({ status: 'failing', dead: 1 });
    probes.finishAll();
    await end(schedule);
  });

  it('goes on where a listener throws', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    let results = 0;
    schedule.on('result', () => {
      results += 1;
      throw new Error('a bug of the listener');
    });
    schedule.add({ probe: answer, target: 'a' });
    await schedule.start();
    await pass(3_000);
    expect(results).toBeGreaterThanOrEqual(3);
    expect(warnings).toHaveBeenCalled();
    warnings.mockRestore();
    await end(schedule);
  });
});

describe('the results as a stream', () => {
  it('come in their order, and end with the schedule', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    schedule.add({ probe: answer, target: 'a' });
    const stream = schedule.results();
    await schedule.start();
    const first = stream.next();
    await pass(3_000);
    expect((await first).value?.task.target).toBe('a');
    await end(schedule);
    const rest: ScheduledResult[] = [];
    for await (const each of stream) rest.push(each);
    expect(rest.length).toBeGreaterThanOrEqual(2);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('lose the oldest where their reader is slow, and count them', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    schedule.add({ probe: answer, target: 'a' });
    const stream = schedule.results({ capacity: 5 });
    const all = record(schedule);
    await schedule.start();
    await pass(20_000);
    expect(stream).toMatchObject({ waiting: 5, dropped: all.length - 5 });
    expect(schedule.health()).toMatchObject({ dropped: all.length - 5 });
    expect((await stream.next()).value).toBe(all.at(-5));
    await end(schedule);
  });

  it('hold up the schedule instead where that is wanted', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000, concurrency: 1 });
    schedule.replace(many(3));
    const stream = schedule.results({ capacity: 5, onFull: 'pause' });
    const all = record(schedule);
    await schedule.start();
    await pass(20_000);
    expect(all.length).toBe(5);
    expect(stream).toMatchObject({ waiting: 5, dropped: 0 });
    await stream.next();
    await pass(0);
    expect(all.length).toBe(6);
    await stream.return();
    await pass(1_000);
    expect(all.length).toBeGreaterThan(6);
    await end(schedule);
  });

  it('end with the reason of a signal', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const controller = new AbortController();
    const stream = schedule.results({ signal: controller.signal });
    const waiting = stream.next();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(stream.next()).rejects.toThrow('enough');
  });
});

describe('stopping', () => {
  it('waits for what is in flight, and gives its results', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const probes = new HeldProbes();
    const results = record(schedule);
    schedule.add({ probe: probes.probe, target: 'a' });
    await schedule.start();
    await pass(1_000);
    const stopped = schedule.stop();
    await pass(1_000);
    expect(results).toEqual([]);
    probes.finishAll();
    await stopped;
    expect(results).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends what does not end by itself', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000, drainTimeout: 2_000, timeout: 100_000 });
    schedule.add({ name: 'hangs', probe: hangs, target: 'a' });
    schedule.add({ name: 'deaf', probe: deaf, target: 'b' });
    await schedule.start();
    await pass(1_000);
    let isStopped = false;
    const stopped = schedule.stop().then(() => {
      isStopped = true;
    });
    await pass(1_999);
    expect(isStopped).toBe(false);
    await pass(1_001);
    await stopped;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be repeated, and so may starting', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const results = record(schedule);
    schedule.add({ probe: answer, target: 'a' });
    await schedule.stop();
    await Promise.all([schedule.start(), schedule.start()]);
    await pass(1_000);
    expect(results).toHaveLength(1);
    await Promise.all([schedule.stop(), schedule.stop()]);
    await pass(5_000);
    expect(results).toHaveLength(1);
    expect(schedule.health()).toMatchObject({ status: 'stopped', tasks: [{ state: 'stopped' }] });
    await schedule.start();
    await pass(1_000);
    expect(results).toHaveLength(2);
    await schedule.stop();
  });

  it('counts, where it was started and stopped again while it was stopping', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const probes = new HeldProbes();
    schedule.add({ probe: probes.probe, target: 'a' });
    await schedule.start();
    await pass(1_000);
    const calls = [schedule.stop(), schedule.start(), schedule.start(), schedule.stop()];
    probes.finishAll();
    await Promise.all(calls);
    expect(schedule.isRunning).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('starts anew once, however often it was told to while it was stopping', async () => {
    const monitor = new FakeMonitor();
    const schedule = new ProbeSchedule({ interval: 1_000, monitor });
    const probes = new HeldProbes();
    schedule.add({ probe: probes.probe, target: 'a' });
    await schedule.start();
    await pass(1_000);
    const calls = [schedule.stop(), schedule.start(), schedule.stop(), schedule.start()];
    probes.finishAll();
    await Promise.all(calls);
    expect(schedule.isRunning).toBe(true);
    expect(monitor.listeners).toBe(1);
    await end(schedule);
    expect(monitor.listeners).toBe(0);
  });

  it('says so while it waits for what is in flight, and begins with no source any more', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    const probes = new HeldProbes();
    schedule.add({ probe: probes.probe, target: 'a' });
    await schedule.start();
    await pass(1_000);
    const stopped = schedule.stop();
    expect(schedule.health()).toMatchObject({ status: 'stopped', inFlight: 1, tasks: [{ state: 'running' }] });
    const source = { start: vi.fn(async () => {}), refresh: async () => {}, stop: () => {} };
    schedule.addSource(source);
    probes.finishAll();
    await stopped;
    expect(source.start).not.toHaveBeenCalled();
  });

  it('that overtakes a start wins', async () => {
    const schedule = new ProbeSchedule({ interval: 1_000 });
    schedule.add({ probe: answer, target: 'a' });
    void schedule.start();
    await schedule.stop();
    expect(schedule.isRunning).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('comes at the end of a block too, and leaves no timer', async () => {
    {
      await using schedule = new ProbeSchedule({ interval: 1_000 });
      schedule.add({ probe: answer, target: 'a' });
      await schedule.start();
      expect(vi.getTimerCount()).toBeGreaterThan(0);
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});
