import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSource, readTaskFile } from '../../../../src/probes/schedule/file-source.js';
import { parseTaskFile } from '../../../../src/probes/schedule/parse-task-file.js';
import type { LookUpSrv } from '../../../../src/probes/schedule/srv-source.js';
import { type ScheduleTask, targetOf } from '../../../../src/probes/schedule/task.js';
import { TaskFileError } from '../../../../src/probes/schedule/task-file-error.js';

describe('a file of tasks', () => {
  it('has tasks with defaults, durations in words, and several targets in one', async () => {
    const { tasks, services } = await parseTaskFile(
      `
defaults: { interval: 10s, labels: { site: berlin } }
tasks:
  - probe: tcp
    targets: [a.example.com:22, b.example.com:22]
    labels: { role: ssh }
  - name: resolver
    probe: dns
    target: example.com
    interval: 1.5m
    timeout: 500
    options: { type: MX, server: 192.0.2.53 }
  - probe: tcp
    srv: _ldap._tcp.example.com
    interval: 1m
`,
      'monitor.yaml',
    );
    expect(tasks).toEqual([
      { probe: 'tcp', target: 'a.example.com:22', interval: 10_000, labels: { site: 'berlin', role: 'ssh' } },
      { probe: 'tcp', target: 'b.example.com:22', interval: 10_000, labels: { site: 'berlin', role: 'ssh' } },
      {
        name: 'resolver',
        probe: 'dns',
        target: 'example.com',
        interval: 90_000,
        timeout: 500,
        labels: { site: 'berlin' },
        options: { type: 'MX', server: '192.0.2.53' },
      },
    ]);
    expect(services).toEqual([
      { probe: 'tcp', srv: '_ldap._tcp.example.com', interval: 60_000, labels: { site: 'berlin' } },
    ]);
  });

  it('may be JSON', async () => {
    const text = JSON.stringify({ tasks: [{ probe: 'tcp', target: 'a:1' }] }, null, 2);
    expect((await parseTaskFile(text, 'monitor.json')).tasks).toEqual([{ probe: 'tcp', target: 'a:1' }]);
  });

  it('may have merge keys, as many tools write them', async () => {
    const text = "tasks:\n  - &first { probe: tcp, target: 'a:1', interval: 5s }\n  - { <<: *first, target: 'b:1' }\n";
    expect((await parseTaskFile(text, 'monitor.yaml')).tasks).toMatchObject([
      { target: 'a:1', interval: 5_000 },
      { target: 'b:1', interval: 5_000 },
    ]);
  });

  it.each([
    ['flow sequences', '['.repeat(100_000)],
    ['flow mappings', '{a: '.repeat(100_000)],
    ['block sequences', '- '.repeat(100_000)],
    ['JSON', `{"tasks": ${'['.repeat(65)}${']'.repeat(65)}}`],
    ['block mappings', Array.from({ length: 100 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('may not be nested too deep: %s', async (_, text) => {
    await expect(parseTaskFile(text, 'monitor.yaml')).rejects.toMatchObject({ problem: 'is nested more than 64 deep' });
  });

  it('may not stand for more targets than memory holds', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `  - { name: n${index}, probe: tcp, targets: *all }`);
    const all = Array.from({ length: 1_000 }, (_, index) => `'h${index}:1'`).join();
    const text = ['tasks:', `  - { probe: tcp, targets: &all [${all}] }`, ...names].join('\n');
    await expect(parseTaskFile(text, 'monitor.yaml')).rejects.toThrow(
      /monitor\.yaml:102: tasks\[100\]: goes beyond 100000 targets/,
    );
  });

  const TCP = ['tasks:', '  - probe: tcp', '    target: a:1'];

  it.each<[what: string, lines: readonly string[], line: number, key: string | undefined, problem: RegExp]>([
    ['no YAML', ['tasks:', '  - probe: tcp', '   target: ['], 3, undefined, /./],
    [
      'an unknown tag',
      ['tasks:', '  - probe: tcp', '    target: !secret a:1'],
      3,
      undefined,
      /Unresolved tag: !secret/,
    ],
    ['nothing', [''], 1, undefined, /must hold tasks/],
    ['a list', ['- probe: tcp'], 1, undefined, /must hold tasks/],
    ['an unknown key', [...TCP, 'task: []'], 4, 'task', /there is no such option/],
    ['tasks that are no list', ['tasks: {}'], 1, 'tasks', /must be a list/],
    ['a task that is none', ['tasks:', '  - tcp'], 2, 'tasks[0]', /must have fields/],
    ['an unknown field', [...TCP, '    interbal: 10s'], 4, 'tasks[0].interbal', /there is no such option/],
    ['a wrong duration', [...TCP, '    interval: 10'], 4, 'tasks[0].interval', /^$/],
    ['a duration without a unit', [...TCP, "    interval: '10'"], 4, 'tasks[0].interval', /a number and a unit/],
    ['an unknown engine', ['tasks:', '  - target: a:1', '    probe: telnet'], 3, 'tasks[0].probe', /must be one of/],
    ['no engine', ['tasks:', '  - target: a:1'], 2, 'tasks[0].probe', /must be one of/],
    ['no target', ['tasks:', '  - probe: tcp'], 2, 'tasks[0].target', /must be a string/],
    ['a wrong target', ['tasks:', '  - probe: tcp', '    target: a'], 3, 'tasks[0].target', /must be one with a port/],
    [
      'one wrong of several',
      ['tasks:', '  - probe: tcp', '    targets:', '      - a:1', '      - b'],
      5,
      'tasks[0].targets[1]',
      /port/,
    ],
    ['a wrong option', [...TCP, '    options:', '      family: 5'], 5, 'tasks[0].options.family', /must be/],
    ['a wrong label', [...TCP, '    labels: { a: 1 }'], 4, 'tasks[0].labels', /must be an object whose values/],
    ['a wrong default', ['defaults: { probe: tcp }', ...TCP], 1, 'defaults.probe', /there is no such option/],
    ['the same twice', [...TCP, ...TCP.slice(1)], 4, 'tasks[1]', /is there already \(tcp a:1\)/],
    ['no name of SRV records', ['tasks:', '  - probe: tcp', '    srv: example.com'], 3, 'tasks[0].srv', /SRV/],
    [
      'a wrong template',
      ['tasks:', '  - probe: tcp', '    srv: _a._tcp.b.c', '    target: "{host}"'],
      4,
      'tasks[0].target',
      /port/,
    ],
  ])('that is or holds %s is refused, with line and key', async (_what, lines, line, key, problem) => {
    if (String(problem) === '/^$/') {
      // A bare number is a number of milliseconds.
      expect((await parseTaskFile(lines.join('\n'), 'f.yaml')).tasks[0]).toMatchObject({ interval: 10 });
      return;
    }
    const error = await parseTaskFile(lines.join('\n'), 'f.yaml').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TaskFileError);
    expect(error).toMatchObject({ code: 'ERR_NETPAUSE_TASK_FILE', file: 'f.yaml', line, key });
    expect(error).toMatchObject({ problem: expect.stringMatching(problem) });
    expect(error).toMatchObject({ message: expect.stringMatching(`^f.yaml:${line}: `) });
  });

  it('says what is to be added to results, with durations in words and paths from its own folder on', async () => {
    const text = `
annotate:
  voice: { codecs: [g711, g729a-vad], jitterBuffer: 60ms }
  scores: true
  availability: { holds: 3m }
  geo: { city: geo/city.mmdb, asn: /var/asn.mmdb, from: { latitude: 52.5, longitude: 13.4 } }
tasks: []
`;
    const { annotate } = await parseTaskFile(text, '/etc/netpause/monitor.yaml');
    expect(annotate).toEqual({
      voice: { codecs: ['g711', 'g729a-vad'], jitterBuffer: 60 },
      scores: true,
      availability: { holds: 180_000 },
      geo: {
        city: '/etc/netpause/geo/city.mmdb',
        asn: '/var/asn.mmdb',
        from: { latitude: 52.5, longitude: 13.4 },
      },
    });
  });

  it.each([
    ['annotate: { voice: true, availability: true }', { voice: {}, availability: {} }],
    ['annotate: { voice: false, scores: false, availability: false }', {}],
    ['annotate:', {}],
    ['annotate: { geo: { asn: /asn.mmdb, from: 192.0.2.1 } }', { geo: { asn: '/asn.mmdb', from: '192.0.2.1' } }],
  ])('with %s wants %o', async (line, annotate) => {
    expect(await parseTaskFile(`${line}\ntasks: []\n`, 'f.yaml')).toEqual({ tasks: [], services: [], annotate });
  });

  it.each<[line: string, key: string, problem: RegExp]>([
    ['[voice]', 'annotate', /must have fields/],
    ['{ voices: true }', 'annotate.voices', /there is no such option/],
    ['{ voice: g711 }', 'annotate.voice', /must be true or false, or an object/],
    ['{ voice: { codecs: [opus] } }', 'annotate.voice.codecs', /must be a list of at least one of g711/],
    ['{ voice: { jitterBuffer: long } }', 'annotate.voice.jitterBuffer', /a number and a unit/],
    ['{ scores: {} }', 'annotate.scores', /must be true or false/],
    ['{ availability: { holds: 0 } }', 'annotate.availability.holds', /must be a number of milliseconds/],
    ['{ geo: true }', 'annotate.geo', /must be an object with the path of a file/],
    ['{ geo: { from: 192.0.2.1 } }', 'annotate.geo', /must name a file: city, asn or both/],
    ['{ geo: { city: [a] } }', 'annotate.geo.city', /must be a string/],
    ['{ geo: { city: a, from: Berlin } }', 'annotate.geo.from', /must be a latitude/],
  ])('may not have annotate: %s', async (line, key, problem) => {
    const error = await parseTaskFile(`tasks: []\nannotate: ${line}\n`, 'f.yaml').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TaskFileError);
    expect(error).toMatchObject({ line: 2, key, problem: expect.stringMatching(problem) });
  });

  it('does not blow up by aliases', async () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const alias = `*a${level - 1}`;
      return `a${level}: &a${level} ${level === 0 ? '[x]' : `[${new Array(10).fill(alias).join(',')}]`}`;
    });
    await expect(parseTaskFile(levels.join('\n'), 'f.yaml')).rejects.toThrow(/alias/);
  });
});

describe('a file that is watched', () => {
  let folder: string;
  let source: FileSource;
  let seen: Seen;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpause-tasks-'));
    seen = new Seen();
  });

  afterEach(async () => {
    source?.stop();
    await rm(folder, { recursive: true });
  });

  const noSrv: LookUpSrv = () => Promise.reject(new Error('no DNS in this test'));

  const start = async (path: string, lookUp = noSrv): Promise<void> => {
    source = new FileSource(path, lookUp);
    await source.start(seen);
  };

  it('is read when it starts, and again when it is written', async () => {
    const path = join(folder, 'monitor.yaml');
    await writeFile(path, file('a:1'));
    await start(path);
    expect(seen.targets).toEqual(['a:1']);
    await writeFile(path, file('a:1', 'b:2'));
    await seen.until(() => seen.targets.length === 2);
    expect(seen.targets).toEqual(['a:1', 'b:2']);
  });

  it('is read again when another takes its place, over and over', async () => {
    const path = join(folder, 'monitor.yaml');
    await writeFile(path, file('a:1'));
    await start(path);
    for (const target of ['b:1', 'c:1', 'd:1']) {
      await writeFile(`${path}.new`, file(target));
      await rename(`${path}.new`, path);
      await seen.until(() => seen.targets[0] === target);
    }
  });

  it('is read again when a link on the way is swapped, as a ConfigMap of Kubernetes is', async () => {
    for (const [version, target] of [
      ['..1', 'a:1'],
      ['..2', 'b:1'],
    ] as const) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'monitor.yaml'), file(target));
    }
    await symlink('..1', join(folder, '..data'));
    await symlink('..data/monitor.yaml', join(folder, 'monitor.yaml'));
    await start(join(folder, 'monitor.yaml'));
    expect(seen.targets).toEqual(['a:1']);
    await symlink('..2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    await rm(join(folder, '..1'), { recursive: true });
    await seen.until(() => seen.targets[0] === 'b:1');
  });

  it('keeps what was there where it cannot be used any more, and says why; and goes on when it can', async () => {
    const path = join(folder, 'monitor.yaml');
    await writeFile(path, file('a:1'));
    await start(path);
    await writeFile(path, 'tasks:\n  - probe: tcp\n    target: a\n');
    await seen.until(() => seen.errors.length > 0);
    expect(seen.errors[0]).toMatchObject({ file: path, line: 3, key: 'tasks[0].target' });
    expect(seen.targets).toEqual(['a:1']);
    await writeFile(path, file('c:1'));
    await seen.until(() => seen.targets[0] === 'c:1');
  });

  it('may be missing at first', async () => {
    const path = join(folder, 'monitor.yaml');
    await start(path);
    expect(seen.errors).toEqual([expect.objectContaining({ file: path, message: expect.stringContaining('ENOENT') })]);
    await writeFile(path, file('a:1'));
    await seen.until(() => seen.targets[0] === 'a:1');
  });

  it('must be in UTF-8, with a byte order mark or without', async () => {
    const path = join(folder, 'monitor.yaml');
    await writeFile(path, Buffer.from(`${file('a:1')}# Köln\n`, 'latin1'));
    await expect(readTaskFile(path)).rejects.toMatchObject({ name: 'TaskFileError', problem: 'is not in UTF-8' });
    await writeFile(path, `\ufeff${file('a:1')}# Köln\n`);
    expect((await readTaskFile(path)).tasks).toHaveLength(1);
  });

  it('must be a file', async () => {
    await expect(readTaskFile('/dev/zero')).rejects.toThrow('/dev/zero: is no file');
    await expect(readTaskFile(folder)).rejects.toThrow('is no file');
  });

  it('is not read any more once it is stopped', async () => {
    const path = join(folder, 'monitor.yaml');
    await writeFile(path, file('a:1'));
    await start(path);
    source.stop();
    await writeFile(path, file('b:1'));
    await source.refresh();
    expect(seen.targets).toEqual(['a:1']);
  });

  it('has services whose hosts come from DNS, and keeps them where only something else about them changes', async () => {
    const path = join(folder, 'monitor.yaml');
    const asked: string[] = [];
    const service = (interval: string) =>
      `tasks:\n  - { probe: tcp, srv: _x._tcp.example.com, interval: ${interval} }\n  - { probe: tcp, target: 'z:1' }\n`;
    await writeFile(path, service('1s'));
    await start(path, async (srv) => {
      asked.push(srv);
      if (asked.length > 1) throw new Error('the resolver is away');
      return { hosts: [{ host: 'a.example.com', port: 1 }], ttl: 3_600 };
    });
    expect(seen.targets).toEqual(['z:1', 'a.example.com:1']);
    await writeFile(path, service('2s'));
    await seen.until(() => seen.tasks[1]?.interval === 2_000);
    expect(seen.targets).toEqual(['z:1', 'a.example.com:1']);
    await seen.until(() => seen.errors.length > 0);
    expect(seen.errors[0]?.message).toContain('_x._tcp.example.com could not be read: the resolver is away');
    await writeFile(path, file('z:1'));
    await seen.until(() => seen.targets.length === 1);
  });
});

function file(...targets: readonly string[]): string {
  return ['tasks:', ...targets.map((target) => `  - { probe: tcp, target: '${target}' }`), ''].join('\n');
}

/** What a source has brought. */
class Seen {
  tasks: readonly ScheduleTask[] = [];
  readonly errors: Error[] = [];
  #onNews = (): void => {};

  get targets(): readonly string[] {
    return this.tasks.map(targetOf);
  }

  replace(tasks: readonly ScheduleTask[]): void {
    this.tasks = tasks;
    this.#onNews();
  }

  fail(error: Error): void {
    this.errors.push(error);
    this.#onNews();
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#onNews = resolve;
      });
    }
  }
}
