import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';

const MAIN = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));
/** Both outages alone last 22 seconds, and the upload through p-retry may take until its deadline. */
const BOUND = 150_000;

const TRUTH = {
  completed: true,
  sha256Equal: true,
  outages: [
    { kind: 'carrier-lost', detectedMs: expect.any(Number), resumedMs: expect.any(Number) },
    { kind: 'path-lost', detectedMs: expect.any(Number), resumedMs: expect.any(Number) },
  ],
  attemptsSpent: 0,
  bytesSentAgain: expect.any(Number),
  plainRetry: { completed: expect.any(Boolean), attemptsSpent: expect.any(Number) },
};

describeInLab('the demo, in network namespaces', ['tc'], () => {
  it('finishes its upload through both outages without spending an attempt, and says so in one line', {
    timeout: BOUND,
  }, async () => {
    const { code, stdout, stderr } = await ended(start('--json'));
    expect(lines(stdout), stderr).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({ ...TRUTH, simulated: false });
    expect(code).toBe(0);
  });

  it('cleans up and gives no result when it is interrupted in the middle of an outage', async () => {
    const demo = start('--json');
    await saying(demo, 'the cable is pulled');
    demo.kill('SIGINT');
    const { code, stdout, stderr } = await ended(demo);
    expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: '' });
  });
});

describe('the demo, simulated', () => {
  it('finishes its upload likewise, and names itself a simulation', { timeout: BOUND }, async () => {
    const { code, stdout, stderr } = await ended(start('--json', '--simulate'));
    expect(stderr).toMatch(/^This is a simulation/);
    expect(lines(stdout), stderr).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({ ...TRUTH, simulated: true });
    expect(code).toBe(0);
  });

  it('ends without a result when it is interrupted in the middle of an outage', async () => {
    const demo = start('--json', '--simulate');
    await saying(demo, 'cut (simulated');
    demo.kill('SIGINT');
    const { code, stdout, stderr } = await ended(demo);
    expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: '' });
  });
});

function start(...args: readonly string[]) {
  return spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Waits until the story has come so far. */
async function saying(demo: ReturnType<typeof start>, words: string): Promise<void> {
  let heard = '';
  for await (const [chunk] of on(demo.stderr, 'data', { close: ['end'] })) {
    heard += chunk;
    if (heard.includes(words)) {
      return;
    }
  }
  throw new Error(`the demo ended without saying "${words}":\n${heard}`);
}

async function ended(demo: ReturnType<typeof start>) {
  const [stdout, stderr, [code]] = await Promise.all([text(demo.stdout), text(demo.stderr), once(demo, 'close')]);
  return { code, stdout, stderr };
}

function lines(output: string): string[] {
  return output.trimEnd().split('\n');
}
