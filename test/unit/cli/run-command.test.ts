import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { familyOf, isInForeground, parseStat, readProcess, readSelf } from '../../../src/cli/exec/process-table.js';
import { runCommand } from '../../../src/cli/exec/run-command.js';

/** Longer than any name of a file may be. */
const TOO_LONG = 'x'.repeat(300);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-cli-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('a line of /proc/PID/stat', () => {
  const AFTER_NAME = 'S 10 42 42 34816 43 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2';

  it('tells the place of a process in the tree', () => {
    expect(parseStat(`42 (node) ${AFTER_NAME}`)).toEqual({
      pid: 42,
      parent: 10,
      group: 42,
      foregroundGroup: 43,
      startedAt: 987_654,
      runs: true,
    });
  });

  it('is read right, whatever the name of the program holds', () => {
    expect(parseStat(`42 (a) Z 1 (b\n) ${AFTER_NAME}`)).toMatchObject({ pid: 42, parent: 10, runs: true });
  });

  it('tells a process that has ended from one that runs', () => {
    expect(parseStat(`42 (node) ${AFTER_NAME.replace('S', 'Z')}`)).toMatchObject({ runs: false });
  });

  it.each(['', '42', '42 (node)', '42 (node) S 10', 'x (node) S 1 2 3 4 5'])('%j is none', (line) => {
    expect(parseStat(line)).toBeUndefined();
  });

  it('of this very process is right', () => {
    expect(readSelf()).toMatchObject({ pid: process.pid, parent: process.ppid, runs: true });
  });
});

describe('the family of a process', () => {
  const process_ = (pid: number, parent: number) => ({
    pid,
    parent,
    group: 1,
    foregroundGroup: -1,
    startedAt: 0,
    runs: true,
  });

  it('is itself and all that descend from it', () => {
    const table = [process_(5, 3), process_(2, 1), process_(3, 2), process_(4, 2), process_(9, 1)];
    expect(familyOf(2, table).map(({ pid }) => pid)).toEqual([2, 3, 4, 5]);
  });

  it('is nobody where the process is gone', () => {
    expect(familyOf(7, [process_(2, 1)])).toEqual([]);
  });
});

it('takes what is typed for its own only in the foreground of a terminal', () => {
  const facts = { pid: 7, parent: 1, startedAt: 0, runs: true };
  expect(isInForeground({ ...facts, group: 7, foregroundGroup: 7 })).toBe(true);
  expect(isInForeground({ ...facts, group: 7, foregroundGroup: 8 })).toBe(false);
  expect(isInForeground({ ...facts, group: 7, foregroundGroup: -1 })).toBe(false);
});

describe('a run of a command', () => {
  it.each([
    [['true'], { kind: 'exited', code: 0 }],
    [['sh', '-c', 'exit 42'], { kind: 'exited', code: 42 }],
    [['sh', '-c', 'kill -s USR1 $$'], { kind: 'killed', signal: 'SIGUSR1' }],
    [['netpause-no-such-command'], { kind: 'not-started', program: 'netpause-no-such-command', code: 'ENOENT' }],
    [['/etc/passwd'], { kind: 'not-started', program: '/etc/passwd', code: 'EACCES' }],
    [['/etc/passwd/x'], { kind: 'not-started', program: '/etc/passwd/x', code: 'ENOTDIR' }],
    [[TOO_LONG], { kind: 'not-started', program: TOO_LONG, code: 'ENAMETOOLONG' }],
    [[''], { kind: 'not-started', program: '', code: 'ENOENT' }],
  ] as const)('%j ends as %j', async ([program, ...args], expected) => {
    expect(await runCommand([program, ...args]).ended).toEqual(expected);
  });

  it('that never started takes a signal and an end for nothing', async () => {
    const run = runCommand(['/etc/passwd/x']);
    run.signal('SIGTERM');
    run.end(0);
    expect(await run.ended).toMatchObject({ kind: 'not-started' });
  });

  it('hands a signal on to the command', async () => {
    const ready = join(folder, 'signal');
    const run = runCommand(['sh', '-c', `trap 'exit 7' USR2; echo > ${ready}; while :; do sleep 0.05; done`]);
    await untilThere(ready);
    run.signal('SIGUSR2');
    expect(await run.ended).toEqual({ kind: 'exited', code: 7 });
  });

  it('is over, when it is ended, only when nothing that it started runs any more', async () => {
    const pids = join(folder, 'family');
    const run = runCommand(['sh', '-c', `sleep 1000 & sleep 1000 & echo $! $$ > ${pids}; wait`]);
    await untilThere(pids);
    run.end(10_000);
    expect(await run.ended).toEqual({ kind: 'killed', signal: 'SIGTERM' });
    expect(await runningOf(pids)).toEqual([]);
  });

  it('is ended by force, when it does not take the hint', async () => {
    const pids = join(folder, 'stubborn');
    const stubborn = `trap '' TERM; sh -c 'trap "" TERM; echo $$ $PPID > ${pids}; while :; do sleep 0.05; done'`;
    const run = runCommand(['sh', '-c', `${stubborn}; true`]);
    await untilThere(pids);
    run.end(200);
    expect(await run.ended).toEqual({ kind: 'killed', signal: 'SIGKILL' });
    expect(await runningOf(pids)).toEqual([]);
  });
});

/** Waits until a command has written a file, and all of it: a line. */
async function untilThere(path: string): Promise<void> {
  for (let count = 0; count < 400; count += 1) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nothing was written to ${path}`);
}

/** Which of the processes listed in a file still run. */
async function runningOf(path: string): Promise<readonly number[]> {
  const pids = (await readFile(path, 'utf8')).trim().split(/\s+/).map(Number);
  expect(pids.length).toBeGreaterThan(1);
  const processes = await Promise.all(pids.map(readProcess));
  return processes.filter((each) => each?.runs === true).map((each) => each?.pid ?? 0);
}
