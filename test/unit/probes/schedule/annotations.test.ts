import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import {
  type Annotate,
  AnnotationError,
  annotateAvailability,
  annotateGeo,
} from '../../../../src/probes/annotate/index.js';
import type { ProbeResult } from '../../../../src/probes/result.js';
import { tasksFromFile } from '../../../../src/probes/schedule/file-source.js';
import { ProbeSchedule } from '../../../../src/probes/schedule/probe-schedule.js';
import type { FunctionTask } from '../../../../src/probes/schedule/task.js';
import type { TaskSink, TaskSource } from '../../../../src/probes/schedule/task-source.js';
import { until } from '../../../lab/bounded.js';
import { watchedFiles } from '../annotate/watched-files.js';
import { type Writable, writeMmdb } from '../geo/write-mmdb.js';
import { answer, aResult } from './fixtures.js';

const adding =
  (name: string, value: unknown = true): Annotate =>
  (result) => ({ ...result, facts: { ...result.facts, [name]: value } });
const aTask = (name: string, fields: Partial<FunctionTask> = {}): FunctionTask => ({
  name,
  target: name,
  probe: answer,
  ...fields,
});

let schedule: ProbeSchedule;
afterEach(async () => {
  await schedule.stop();
  vi.restoreAllMocks();
});

/** Results as they come, by the names of tasks. */
class Seen {
  readonly last = new Map<string, ProbeResult>();
  readonly errors: Error[] = [];
  count = 0;

  constructor() {
    schedule.on('error', (error) => this.errors.push(error));
    schedule.on('result', ({ task, result }) => {
      this.last.set(task.name, result);
      this.count += 1;
    });
  }

  facts(name: string): object {
    return this.last.get(name)?.facts ?? {};
  }

  until(isSo: () => boolean): Promise<void> {
    return until(isSo, () => JSON.stringify([...this.last]) + this.errors.join());
  }

  /** A result that was not there when this was called. */
  async next(): Promise<void> {
    const { count } = this;
    await this.until(() => this.count > count);
  }
}

function begin(options: ConstructorParameters<typeof ProbeSchedule>[0] = {}): Seen {
  schedule = new ProbeSchedule({ interval: 10, firstRun: 'at-once', drainTimeout: 0, ...options });
  return new Seen();
}

describe('the annotations of a schedule', () => {
  it('are in what listeners and readers get', async () => {
    const seen = begin({ annotate: [adding('one'), adding('two')] });
    schedule.add(aTask('a'));
    const results = schedule.results();
    await schedule.start();
    const { value } = await results.next();
    expect(value?.result).toMatchObject({ status: 'ok', facts: { one: true, two: true } });
    expect(seen.facts('a')).toEqual({ one: true, two: true });
  });

  it('get the task, the same object each time', async () => {
    const tasks = new Set<object>();
    const seen = begin({
      annotate: [
        (result, task) => {
          tasks.add(task);
          return result;
        },
      ],
    });
    schedule.add(aTask('a'));
    await schedule.start();
    await seen.until(() => seen.count > 2);
    expect([...tasks]).toEqual(schedule.tasks);
  });

  it('do no harm where one throws: the result goes on, and the error event tells', async () => {
    const broken: Annotate = () => {
      throw new Error('boom');
    };
    const seen = begin({ annotate: [broken, adding('two')] });
    schedule.add(aTask('a'));
    await schedule.start();
    await seen.until(() => seen.count > 0);
    expect(seen.facts('a')).toEqual({ two: true });
    expect(seen.errors[0]).toBeInstanceOf(AnnotationError);
    expect(seen.errors[0]?.message).toBe('a result of a could not be annotated: boom');
    expect(schedule.health().tasks).toMatchObject([{ crashes: 0, lastStatus: 'ok' }]);
  });

  it('do not bring a result of a task that they have removed', async () => {
    const seen = begin({
      annotate: [
        (result, { name }) => {
          if (name === 'a') schedule.remove('a');
          return result;
        },
      ],
    });
    schedule.replace([aTask('a'), aTask('b')]);
    await schedule.start();
    await seen.until(() => seen.last.has('b') && schedule.tasks.length === 1);
    await seen.next();
    expect(seen.last.has('a')).toBe(false);
  });

  it('sum availability up from when a task was added, and anew when it is added again', async () => {
    let isUp = false;
    const seen = begin({ annotate: [annotateAvailability()] });
    const task = aTask('a', { probe: async (target) => aResult(target, isUp ? 'ok' : 'failed') });
    schedule.add(task);
    await schedule.start();
    await seen.next();
    isUp = true;
    await seen.until(() => seen.last.get('a')?.status === 'ok');
    expect(seen.facts('a')).toMatchObject({ availability: { downtime: expect.any(Number) } });
    expect(availabilityOf(seen)).toBeLessThan(1);
    schedule.remove('a');
    schedule.add(task);
    await seen.next();
    expect(availabilityOf(seen)).toBe(1);
  });

  it('do not close what they are handed', async () => {
    let isClosed = false;
    const geo = {
      locate: () => ({ city: 'Vienna' }),
      databases: [],
      close: () => {
        isClosed = true;
      },
    };
    const seen = begin({ annotate: [annotateGeo(geo)] });
    const probe = async (target: string) => ({ ...aResult(target), address: '192.0.2.1' });
    schedule.add(aTask('a', { probe }));
    await schedule.start();
    await seen.next();
    await schedule.stop();
    expect(seen.facts('a')).toEqual({ geo: { city: 'Vienna' } });
    expect(isClosed).toBe(false);
  });

  it.each([{ annotate: adding('one') }, { annotate: ['voice'] }])('are refused as %o', (options) => {
    expect(() => Reflect.construct(ProbeSchedule, [options])).toThrow(InvalidOptionError);
  });
});

describe('the annotations of a source', () => {
  class Source implements TaskSource {
    sink: TaskSink | undefined;
    async start(sink: TaskSink): Promise<void> {
      this.sink = sink;
    }
    async refresh(): Promise<void> {}
    stop(): void {}
  }

  it('are for its own tasks, after those of the schedule, until it brings others', async () => {
    const seen = begin({ annotate: [adding('of', 'the schedule')] });
    const source = new Source();
    schedule.add(aTask('a'));
    schedule.addSource(source);
    await schedule.start();
    const theirs = aTask('b');
    source.sink?.replace([theirs], [adding('of', 'the source')]);
    await seen.until(() => seen.last.has('a') && seen.last.has('b'));
    expect(seen.facts('a')).toEqual({ of: 'the schedule' });
    expect(seen.facts('b')).toEqual({ of: 'the source' });
    const [, task] = schedule.tasks;
    source.sink?.replace([theirs]);
    await seen.until(() => JSON.stringify(seen.facts('b')) === '{"of":"the schedule"}');
    expect(schedule.tasks[1]).toBe(task);
  });

  it('are refused where they are none, and then its tasks are not taken either', async () => {
    begin();
    const source = new Source();
    schedule.addSource(source);
    await schedule.start();
    const { sink } = source;
    expect(() => sink && Reflect.apply(sink.replace, sink, [[aTask('b')], ['voice']])).toThrow(InvalidOptionError);
    expect(schedule.tasks).toEqual([]);
  });
});

describe('the annotations of a task file', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpause-annotations-'));
    path = join(folder, 'monitor.yaml');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const TASK = "  - { probe: tcp, target: '127.0.0.1:1' }";
  const NAME = 'tcp 127.0.0.1:1';
  /** Refused at once, and so a result all the same. */
  const write = (...annotate: readonly string[]) =>
    writeFile(path, [...annotate.map((line) => `annotate: ${line}`), 'tasks:', TASK, ''].join('\n'));
  const put = async (name: string, value: Writable): Promise<void> => {
    await writeFile(join(folder, 'new.mmdb'), writeMmdb({ networks: [['127.0.0.0/8', value]] }));
    await rename(join(folder, 'new.mmdb'), join(folder, name));
  };
  const cityOf = (name: string): Writable => ({
    city: { names: { en: name } },
    location: { latitude: 48.2, longitude: 16.4 },
  });
  const start = async (): Promise<Seen> => {
    const seen = begin();
    schedule.addSource(tasksFromFile(path));
    await schedule.start();
    return seen;
  };
  const geoIn = (seen: Seen): unknown => Reflect.get(seen.facts(NAME), 'geo');

  it('are there as it says, with files beside it, and none for tasks from elsewhere', async () => {
    await put('city.mmdb', cityOf('Vienna'));
    await put('asn.mmdb', { autonomous_system_number: 64_500 });
    await write(
      '{ availability: { holds: 1m }, geo: { city: city.mmdb, asn: ./asn.mmdb, from: { latitude: 48.2, longitude: 16.4 } } }',
    );
    const seen = await start();
    schedule.add(aTask('own'));
    await seen.until(() => seen.last.has(NAME) && seen.last.has('own'));
    await seen.until(() => geoIn(seen) !== undefined);
    expect(seen.facts(NAME)).toMatchObject({
      geo: { city: 'Vienna', asn: 64_500, distance: 0 },
      availability: { failures: 0 },
    });
    expect(seen.facts('own')).toEqual({});
    expect(seen.errors).toEqual([]);
  });

  it('do without a file that is missing, say which, go on, and use it once it is there', async () => {
    await write('{ availability: true, geo: { city: city.mmdb } }');
    const seen = await start();
    await seen.until(() => seen.last.has(NAME));
    expect(seen.facts(NAME)).not.toHaveProperty('geo');
    expect(seen.facts(NAME)).toHaveProperty('availability');
    expect(seen.errors).toMatchObject([
      {
        code: 'ERR_NETPAUSE_TASK_FILE',
        file: path,
        key: 'annotate.geo.city',
        message: expect.stringContaining('ENOENT'),
      },
    ]);
    expect(seen.errors[0]?.message).toContain(join(folder, 'city.mmdb'));
    await put('city.mmdb', cityOf('Vienna'));
    await seen.until(() => geoIn(seen) !== undefined);
  });

  it('read a geography file again when it is replaced, and say so where that is broken', async () => {
    await put('asn.mmdb', { autonomous_system_number: 64_500 });
    await write('{ geo: { asn: asn.mmdb } }');
    const seen = await start();
    await put('asn.mmdb', { autonomous_system_number: 64_501 });
    await seen.until(() => JSON.stringify(geoIn(seen)) === '{"asn":64501}');
    await writeFile(join(folder, 'asn.mmdb'), 'no database');
    await seen.until(() => seen.errors.length > 0);
    expect(seen.errors[0]).toMatchObject({ code: 'ERR_NETPAUSE_TASK_FILE', key: 'annotate.geo.asn' });
    await seen.next();
    expect(geoIn(seen)).toEqual({ asn: 64_501 });
  });

  it('stay, with what they have summed up, when something else in the file changes', async () => {
    await write('{ availability: true }');
    const seen = await start();
    await seen.next();
    const [task] = schedule.tasks;
    await writeFile(
      path,
      `annotate: { scores: true, availability: {} }\ntasks:\n${TASK}\n  - { probe: tcp, target: '127.0.0.1:2' }\n`,
    );
    await seen.until(() => seen.last.has('tcp 127.0.0.1:2'));
    expect(schedule.tasks[0]).toBe(task);
    const { observed: before } = Object(Reflect.get(seen.facts(NAME), 'availability'));
    await schedule.stop();
    await schedule.start();
    await seen.next();
    await seen.next();
    const { observed } = Object(Reflect.get(seen.facts(NAME), 'availability'));
    expect(before).toBeGreaterThan(0);
    expect(observed).toBeGreaterThan(before);
  });

  it.each([
    ['is there', true],
    ['is missing', false],
  ])('go when the file wants them no more; a geography file that %s is watched no longer then', async (_, isThere) => {
    const watched = watchedFiles();
    if (isThere) await put('city.mmdb', cityOf('Vienna'));
    await write('{ geo: { city: city.mmdb } }');
    const seen = await start();
    await seen.until(() => seen.last.has(NAME) && (geoIn(seen) !== undefined) === isThere);
    expect(watched.size).toBe(2);
    await write();
    await seen.until(() => watched.size === 1);
    await seen.next();
    expect(seen.facts(NAME)).not.toHaveProperty('geo');
    // Back again, and closed with the schedule.
    await write('{ geo: { city: city.mmdb } }');
    await seen.until(() => watched.size === 2);
    await schedule.stop();
    expect(watched.size).toBe(0);
  });

  it('stay as they were where the file can no longer be used', async () => {
    await put('city.mmdb', cityOf('Vienna'));
    await write('{ geo: { city: city.mmdb } }');
    const seen = await start();
    await write('{ geo: { town: city.mmdb } }');
    await seen.until(() => seen.errors.length > 0);
    expect(seen.errors[0]).toMatchObject({ file: path, line: 1, key: 'annotate.geo.town' });
    await seen.next();
    expect(geoIn(seen)).toMatchObject({ city: 'Vienna' });
  });

  it('open nothing where a listener has stopped everything meanwhile', async () => {
    const watched = watchedFiles();
    await put('city.mmdb', cityOf('Vienna'));
    await write('{ geo: { city: city.mmdb } }');
    begin();
    schedule.addSource(tasksFromFile(path));
    schedule.on('added', () => void schedule.stop());
    await schedule.start();
    await schedule.stop();
    expect(watched.size).toBe(0);
  });
});

function availabilityOf(seen: Seen): unknown {
  return Object(Reflect.get(seen.facts('a'), 'availability')).availability;
}
