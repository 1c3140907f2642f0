import { createServer } from 'node:net';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { shownTargetOf } from '../../../../src/probes/schedule/engines.js';
import { parseTaskFile } from '../../../../src/probes/schedule/parse-task-file.js';
import { ProbeSchedule, type ScheduledResult } from '../../../../src/probes/schedule/probe-schedule.js';
import { readSrvSelection, tasksOf } from '../../../../src/probes/schedule/srv-selection.js';
import type { ScheduleTask } from '../../../../src/probes/schedule/task.js';
import { longestTrace } from '../../../../src/probes/trace/index.js';
import { FakeMonitor } from '../fake-monitor.js';

/** As a schedule sees it. */
function planned(task: ScheduleTask, options: { timeout?: number } = {}) {
  const schedule = new ProbeSchedule(options);
  schedule.add(task);
  return schedule.tasks[0];
}

describe('a trace', () => {
  it('may take as long as its hops may', () => {
    expect(planned({ probe: 'trace', target: 'a.example.com' })).toMatchObject({
      name: 'trace a.example.com',
      probe: 'trace',
      timeout: longestTrace({}),
      pauseWhileDown: true,
    });
    const options = { maxHops: 4, rounds: 1 };
    expect(planned({ probe: 'trace', target: 'a', timeout: 100, options })?.timeout).toBe(
      longestTrace({ ...options, timeout: 100 }),
    );
  });

  it.each([
    { probe: 'trace', target: '' },
    { probe: 'trace', target: 'a b' },
    { probe: 'trace', target: 'a:1', options: { method: 'icmp' } },
    { probe: 'trace', target: 'a', options: { rounds: 0 } },
    { probe: 'trace' },
  ])('is refused as %o', (task) => {
    expect(() => Reflect.apply(ProbeSchedule.prototype.add, new ProbeSchedule(), [task])).toThrow(InvalidOptionError);
  });
});

describe('a bandwidth test', () => {
  const target = '192.0.2.1:8757';

  it('may take as long as follows from its options, the wait for its turn included', () => {
    expect(planned({ probe: 'bandwidth', target })?.timeout).toBe(30_000);
    expect(planned({ probe: 'bandwidth', target, options: { direction: 'upload', duration: 1_000 } })?.timeout).toBe(
      12_000,
    );
    expect(planned({ probe: 'bandwidth', target, timeout: 15_000 })?.timeout).toBe(15_000);
  });

  it('does not take the timeout that a schedule has for answers', async () => {
    expect(planned({ probe: 'bandwidth', target }, { timeout: 5_000 })?.timeout).toBe(30_000);
    expect(planned({ probe: 'tcp', target }, { timeout: 5_000 })?.timeout).toBe(5_000);
    const text = `defaults: { timeout: 5s }\ntasks:\n  - { probe: bandwidth, target: '${target}' }\n  - { probe: tcp, target: '${target}' }\n`;
    const { tasks } = await parseTaskFile(text, 'f.yaml');
    expect(tasks.map(({ timeout }) => timeout)).toEqual([undefined, 5_000]);
  });

  it('is refused at once where its own timeout leaves no time for it', async () => {
    expect(() => planned({ probe: 'bandwidth', target, timeout: 5_000 })).toThrow(InvalidOptionError);
    const lines = ['tasks:', '  - probe: bandwidth', `    target: ${target}`, '    timeout: 5s'];
    const error = await parseTaskFile(lines.join('\n'), 'f.yaml').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ line: 4, key: 'tasks[0].timeout' });
    const inOptions = [...lines.slice(0, 3), '    options:', '      timeout: 5000'];
    const other = await parseTaskFile(inOptions.join('\n'), 'f.yaml').catch((reason: unknown) => reason);
    expect(other).toMatchObject({ line: 5, key: 'tasks[0].options.timeout' });
  });

  it('is refused where its target has a password, which is shown nowhere', async () => {
    const text = "tasks:\n  - { name: x, probe: bandwidth, targets: ['http://user:secret@a:1'] }\n";
    const error = await parseTaskFile(text, 'f.yaml').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ key: 'tasks[0].targets[0]' });
    expect(String(error)).not.toContain('secret');
    expect(shownTargetOf('bandwidth', 'http://user:secret@a:1')).toBe('');
    expect(shownTargetOf('bandwidth', 'http://a:1')).toBe('http://a:1');
  });
});

describe('reading this host', () => {
  it('needs no target, and is called by the one that it is given', () => {
    expect(planned({ probe: 'host' })).toMatchObject({ name: 'host localhost', target: 'localhost', timeout: 6_000 });
    const options = { interval: 200, timeout: 300 };
    expect(planned({ probe: 'host', target: 'db 1', options })).toMatchObject({
      name: 'host db 1',
      target: 'db 1',
      timeout: 500,
    });
    expectTypeOf<{ probe: 'tcp' }>().not.toExtend<ScheduleTask>();
  });

  it('stands in a file without a target too', async () => {
    const text = 'tasks:\n  - { probe: host, interval: 1m }\n  - { probe: host, targets: [one, two] }\n';
    const { tasks } = await parseTaskFile(text, 'f.yaml');
    expect(tasks).toEqual([
      { probe: 'host', interval: 60_000 },
      { probe: 'host', target: 'one' },
      { probe: 'host', target: 'two' },
    ]);
    await expect(parseTaskFile('tasks:\n  - probe: host\n  - probe: host\n', 'f.yaml')).rejects.toThrow(
      'is there already (host localhost)',
    );
    await expect(parseTaskFile('tasks:\n  - { probe: host, options: { disk: / } }\n', 'f.yaml')).rejects.toMatchObject({
      key: 'tasks[0].options.disk',
    });
  });

  it.each([
    [undefined, false],
    [true, true],
    [false, false],
  ])('with pauseWhileDown %s rests while the network is down: %s', (pauseWhileDown, rests) => {
    expect(planned({ probe: 'host', pauseWhileDown })?.pauseWhileDown).toBe(rests);
  });

  it.each([
    { probe: 'host', target: '' },
    { probe: 'host', target: 1 },
    { probe: 'host', options: { interval: 1 } },
  ])('is refused as %o', (task) => {
    expect(() => Reflect.apply(ProbeSchedule.prototype.add, new ProbeSchedule(), [task])).toThrow(InvalidOptionError);
  });

  it('goes on in an outage, and its results are ok and bear the name that was given', async () => {
    const monitor = new FakeMonitor();
    monitor.become('down', 'no-carrier');
    await using schedule = new ProbeSchedule({ monitor, interval: 20, firstRun: 'at-once' });
    schedule.add({ probe: 'host', target: 'this one', options: { interval: 10 } });
    schedule.add({ probe: 'bandwidth', target: '192.0.2.1:1' });
    schedule.add({ probe: 'trace', target: '192.0.2.1' });
    const results: ScheduledResult[] = [];
    const third = new Promise<void>((resolve) =>
      schedule.on('result', (event) => {
        if (results.push(event) === 3) resolve();
      }),
    );
    await schedule.start();
    await third;
    for (const { task, result } of results) {
      expect(task.probe).toBe('host');
      expect(result).toMatchObject({ probe: 'host', target: 'this one', status: 'ok', offline: 'no-carrier' });
    }
    const states = schedule.health().tasks.map(({ probe, state }) => [probe, state === 'paused']);
    expect(Object.fromEntries(states)).toEqual({ host: false, bandwidth: true, trace: true });
  });
});

describe('a service in DNS', () => {
  const hosts = [{ host: 'a.example.com', port: 1001 }];

  it.each([
    ['trace', 'a.example.com'],
    ['bandwidth', 'a.example.com:1001'],
  ] as const)('has its hosts probed by %s as %s', (probe, target) => {
    const selection = readSrvSelection('test', { probe, srv: '_x._tcp.example.com' });
    expect(tasksOf('test', selection, hosts)).toEqual([
      { probe, target, name: `${probe} _x._tcp.example.com a.example.com:1001` },
    ]);
  });

  it('is refused where each of its hosts would be this one', () => {
    expect(() => readSrvSelection('test', { probe: 'host', srv: '_x._tcp.example.com' })).toThrow(
      'test: probe must be one of tcp, http, dns, ping, trace, bandwidth, but is',
    );
  });
});

describe('a target in the same LAN', () => {
  let close = (): void => {};
  afterEach(() => close());

  it('is tested on while the uplink is down, by the address in the target', async () => {
    const { FakeMonitorWithTargets } = await import('../fake-monitor.js');
    const monitor = new FakeMonitorWithTargets();
    monitor.become('down', 'no-carrier');
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    close = () => server.close();
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await using schedule = new ProbeSchedule({ monitor, interval: 20, firstRun: 'at-once' });
    schedule.add({ probe: 'bandwidth', target: `127.0.0.1:${port}`, options: { direction: 'download' } });
    schedule.add({ probe: 'bandwidth', target: `localhost:${port}` });
    schedule.add({ probe: 'trace', target: '127.0.0.1', options: { method: 'tcp', maxHops: 1 } });
    const seen = new Set<string>();
    const both = new Promise<void>((resolve) =>
      schedule.on('result', ({ task }) => {
        if (seen.add(task.name).size === 2) resolve();
      }),
    );
    await schedule.start();
    await both;
    expect([...seen].sort()).toEqual([`bandwidth 127.0.0.1:${port}`, 'trace 127.0.0.1']);
  });
});
