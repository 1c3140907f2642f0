import { vi } from 'vitest';
import { runCli } from '../../../src/cli/cli.js';

/** Runs the command in this process, which is quicker than to start one, and gives what it wrote. */
export async function captured(args: readonly string[]) {
  const output = { stdout: '', stderr: '' };
  const capture = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += text;
      return true;
    });
  const spies = [capture('stdout'), capture('stderr')];
  try {
    const code = await runCli(args);
    return { code, ...output };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
