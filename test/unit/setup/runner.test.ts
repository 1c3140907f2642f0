import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SETUP = new URL('../../setup', import.meta.url).href;

describe('a run of several parts', () => {
  it('counts what each part has counted, and says so in its last line', async () => {
    const run = await runParts(`[part({ passed: 3 }), part({ passed: 2, failed: 1 })]`);
    expect(run.lastLine).toBe('5 passed, 1 failed');
    expect(run.code).toBe(1);
  });

  it('exits with 0 when nothing failed', async () => {
    const run = await runParts(`[part({ passed: 1 })]`);
    expect(run).toMatchObject({ code: 0, lastLine: '1 passed, 0 failed' });
  });

  it('counts a part that breaks as failed, and runs those after it', async () => {
    const run = await runParts(
      `[{ name: 'bad', seconds: 9, execute() { throw new Error('oh') } }, part({ passed: 1 })]`,
    );
    expect(run.lastLine).toBe('1 passed, 1 failed');
    expect(run.stdout).toContain('broke: oh');
  });

  it('counts a program that cannot be started as failed', async () => {
    const run = await runParts(`[command('none', 9, 'there-is-no-such-program')]`);
    expect(run.lastLine).toBe('0 passed, 1 failed');
    expect(run.stdout).toContain('could not be started');
  });

  it('lists what was skipped', async () => {
    const run = await runParts(`[part({ passed: 1, skipped: ['needs a cable'] })]`);
    expect(run).toMatchObject({ code: 0, lastLine: '1 passed, 0 failed' });
    expect(run.stdout).toContain('skipped: needs a cable');
  });

  it('counts what was skipped as failed where CI=true', async () => {
    const run = await runParts(`[part({ passed: 1, skipped: ['needs a cable'] })]`, { CI: 'true' });
    expect(run).toMatchObject({ code: 1, lastLine: '1 passed, 1 failed' });
  });

  it('runs lanes side by side, each in its order, and what a part writes stands together', async () => {
    const says = (name: string, script: string) =>
      `command('${name}', 9, 'node', '--eval', "console.log('${name} begins'); ${script}; console.log('${name} ends')")`;
    const wait = (name: string) => `while (!fs.existsSync(process.env.MEETING + '/${name}'));`;
    const come = (name: string) => `fs.writeFileSync(process.env.MEETING + '/${name}', '')`;
    // Each of two waits for the other.
    const lanes = `[[[${says('a', `${come('a')}; ${wait('b')}`)}, ${says('c', '')}], [${says('b', `${come('b')}; ${wait('a')}`)}]]]`;
    const meeting = await mkdtemp(join(tmpdir(), 'netpause-test-'));
    const run = await runParts(lanes, { CI: '', MEETING: meeting }).finally(() => rm(meeting, { recursive: true }));
    expect(run.lastLine).toBe('3 passed, 0 failed');
    for (const name of ['a', 'b', 'c']) expect(run.stdout).toContain(`== ${name}\n${name} begins\n${name} ends\n`);
    expect(run.stdout.indexOf('a ends')).toBeLessThan(run.stdout.indexOf('c begins'));
  });

  it('fails the parts that no time was left for', async () => {
    const run = await runParts(`[part({ passed: 1 })], 0`);
    expect(run.lastLine).toBe('0 passed, 1 failed');
  });
});

describe('a command with a bound', () => {
  it('is ended when its time is over, and so is what it has started', async () => {
    // The sleeper holds on to our stdout, so this program is not over before the sleeper is.
    const script = 'sleep 60 & wait';
    const output = await node(
      `import { run } from '${SETUP}/run.mjs'; console.log(JSON.stringify(await run('sh', ['-c', '${script}'], { seconds: 1 })));`,
    );
    expect(JSON.parse(output.stdout)).toEqual({ ok: false, reason: 'took longer than 1 s' });
  });
});

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly lastLine: string | undefined;
}

function runParts(parts: string, env: NodeJS.ProcessEnv = { CI: '' }): Promise<Run> {
  return node(
    `
    import { command } from '${SETUP}/parts.mjs';
    import { runParts } from '${SETUP}/run-parts.mjs';
    const part = (counts) => ({ name: 'part', seconds: 9, execute: async () => ({ passed: 0, failed: 0, skipped: [], notes: [], ...counts }) });
    process.exitCode = (await runParts(${parts})) ? 0 : 1;`,
    env,
  );
}

function node(source: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return new Promise((resolve) => {
    const args = ['--input-type=module', '--eval', source];
    const child = execFile(process.execPath, args, { env: { ...process.env, ...env } }, (_error, stdout) => {
      resolve({ code: child.exitCode ?? -1, stdout, lastLine: stdout.trimEnd().split('\n').at(-1) });
    });
  });
}
