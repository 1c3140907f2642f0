import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { until } from '../lab/bounded.js';
import { describeInLab } from '../lab/describe-in-lab.js';
import { CliProcess, NETPAUSE, NETPAUSE_FROM_SOURCES } from '../unit/cli/cli-process.js';

describeInLab('netpause ring demo', [], () => {
  // Each waits most of the time.
  it.concurrent("shows a pulled cable as one member's own outage, and that it has healed, and leaves nothing behind", async () => {
    const links = await readdir('/sys/class/net');
    const demo = start('--once', '--members', '3', '--pull-every', '5s');
    await demo.says('the cable of aden is pulled in');
    const traces = await tracesOf(demo);
    expect(traces.namespaces).toHaveLength(5);
    // As a browser of the user's would.
    const members = await fetch(`${pageOf(demo)}members`);
    expect(await members.text()).toContain('"cork"');
    expect(await readdir('/sys/class/net')).toEqual(links);
    const { code, stdout, stderr } = await demo.ended();
    expect(stdout).toMatch(STORY);
    expect(stdout).not.toContain('unexpected');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await gone(traces);
  });

  it.concurrent('from its sources, ends at Ctrl-C with all that it has started', async () => {
    const demo = new CliProcess([...NETPAUSE_FROM_SOURCES, 'ring', 'demo', '--port', '0']);
    await demo.says('open it in a browser');
    const traces = await tracesOf(demo);
    demo.child.kill('SIGINT');
    expect(await demo.ended()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('stopped: no cables pulled; nothing is left behind\n'),
      stderr: '',
    });
    await gone(traces);
  });

  it.concurrent('leaves nothing behind when it is killed', async () => {
    const demo = start('--members', '2');
    await demo.says('all reach each other');
    const traces = await tracesOf(demo);
    expect(traces.processes.length).toBeGreaterThanOrEqual(8);
    demo.child.kill('SIGKILL');
    await gone(traces);
  });
});

describe('netpause ring demo --loopback', () => {
  it('shows a member that is killed, and that all is well when it is there again', async () => {
    const demo = start('--loopback', '--once', '--members', '3', '--pull-every', '5s');
    await demo.says('is killed in');
    const traces = await tracesOf(demo);
    const { code, stdout, stderr } = await demo.ended();
    expect(stdout).toMatch(/without network namespaces: as --loopback asks for/);
    expect(stdout).toMatch(LOOPBACK_STORY);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await gone(traces);
  });
});

const STORY = new RegExp(
  [
    'the cable of aden is pulled\n',
    'later the ring says: none of the 2 others reaches aden\n',
    'nothing is heard of aden either, so it is cut off itself, and all other paths are ok\n',
    'the cable of aden is put back\n',
    'later aden tells: it was offline itself for [\\d.]+ s \\(no-carrier\\),\n',
    'later all is well again\n',
    'nobody else was blamed\n',
    'stopped: 1 cable pulled, shown as what it was; nothing is left behind\n$',
  ].join('[^]*'),
);

const LOOPBACK_STORY = new RegExp(
  [
    'aden is killed\n',
    'later the ring says: none of the 2 others reaches aden\n',
    'aden is started again\n',
    'later all is well again\n',
    'stopped: 1 member killed, shown as what it was; nothing is left behind\n$',
  ].join('[^]*'),
);

function start(...flags: readonly string[]): CliProcess {
  return new CliProcess([...NETPAUSE, 'ring', 'demo', '--port', '0', ...flags]);
}

function pageOf({ stdout }: CliProcess): string {
  return /http:\/\/127\.0\.0\.1:\d+\//.exec(stdout)?.[0] ?? '';
}

/** What a demo has made, by which it can be told whether any of it is left. */
interface Traces {
  /** As `/proc/<pid>/stat` tells of them: process id and start time. */
  readonly processes: readonly string[];
  readonly namespaces: readonly string[];
  readonly port: number;
}

async function tracesOf(demo: CliProcess): Promise<Traces> {
  const own = await readlink('/proc/self/ns/net');
  const children = (await allProcesses()).filter(({ parent }) => parent === demo.child.pid);
  const namespaces = new Set(children.map(({ namespace }) => namespace).filter((each) => each !== own));
  return {
    processes: children.map(({ identity }) => identity),
    namespaces: [...namespaces],
    port: Number(new URL(pageOf(demo)).port),
  };
}

/** Resolves when no process is left, nobody is in one of the namespaces, so that the kernel has taken them away, and the page is gone. */
async function gone({ processes, namespaces, port }: Traces): Promise<void> {
  let left: readonly ProcessFacts[] = [];
  await until(
    async () => {
      left = (await allProcesses()).filter(
        ({ identity, namespace }) => processes.includes(identity) || namespaces.includes(namespace),
      );
      return left.length === 0;
    },
    () => `processes of the demo are left: ${left.map(({ identity }) => identity).join(', ')}`,
  );
  // The kernel closes the sockets of a process that ends a moment after it has taken it out of its namespace (kernel/exit.c, do_exit).
  await until(
    () => isRefused(port),
    () => `somebody still listens on port ${port}`,
  );
}

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(port, '127.0.0.1', () => {
      client.destroy();
      resolve(false);
    });
    client.on('error', () => resolve(true));
  });
}

interface ProcessFacts {
  readonly identity: string;
  readonly parent: number;
  readonly namespace: string;
}

async function allProcesses(): Promise<readonly ProcessFacts[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return (await Promise.all(ids.map(readProcess))).filter((each) => each !== undefined);
}

/** Undefined for what has ended, also where its parent does not know yet. */
async function readProcess(id: string): Promise<ProcessFacts | undefined> {
  try {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8');
    // The name, in brackets, may hold anything; behind it are state, parent … and as the 20th the start time (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const namespace = await readlink(`/proc/${id}/ns/net`);
    return { identity: `${id} ${fields[19]}`, parent: Number(fields[1]), namespace };
  } catch {
    return undefined;
  }
}
