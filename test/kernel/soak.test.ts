import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';

const MAIN = fileURLToPath(new URL('../soak/adapters/main.ts', import.meta.url));

describeInLab('the soak of the adapters', ['tc', 'nft'], () => {
  it('tells in a line for each transfer and one of JSON what became of them', { timeout: 180_000 }, async () => {
    const { code, stdout, stderr } = await soak('--adapter', 'plain', '--quick', '--seed', '1');
    const lines = stdout.trimEnd().split('\n');
    expect(lines, stderr).toEqual([
      expect.stringMatching(/^run 1, netpause {2}completed after .*; hash equal; 5 of 5 faults: .*; nothing left$/),
      expect.stringMatching(/^run 1, bare /),
      expect.stringMatching(/^\{.*\}$/),
    ]);
    expect(JSON.parse(lines[2] ?? '')).toEqual({
      adapter: 'plain',
      runs: 1,
      completed: 1,
      sha256Equal: 1,
      attemptsSpentOnOutages: 0,
      maxBytesSentAgain: expect.any(Number),
      leftovers: 0,
      bare: { completed: expect.any(Number) },
    });
    expect(code).toBe(0);
  });

  it('explains itself to whoever asks for what there is not', async () => {
    const { code, stdout, stderr } = await soak('--adapter', 'ftp');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^--adapter takes one of s3, sftp, http, plain\n\n.*--runs N/s);
  });
});

async function soak(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}
