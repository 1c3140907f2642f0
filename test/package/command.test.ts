import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { NODES, run } from './program.js';

const project = inject('installed');
// What npm and npx run.
const command = join(project, 'node_modules/.bin/netpause');

describe.each(NODES)('the command, on $title', (node) => {
  it('says its version', async () => {
    const manifest = await readFile(join(project, 'node_modules/netpause/package.json'), 'utf8');
    const { stdout, stderr } = await run(node, project, [command, '--version']);
    expect({ stdout, stderr }).toEqual({ stdout: `${JSON.parse(manifest).version}\n`, stderr: '' });
  });

  it.each(['watch', 'status', 'wait', 'exec', 'doctor', 'probe', 'monitor', 'completion'])(
    'knows %s, with nothing else installed',
    async (name) => {
      const { stdout, stderr } = await run(node, project, [command, name, '--help']);
      expect(stdout).toContain(`Usage: netpause ${name}`);
      expect(stderr).toBe('');
    },
  );

  it('runs a command and passes on what it prints', async () => {
    const { stdout, stderr } = await run(node, project, [command, 'exec', '--no-checks', '--', 'echo', 'done']);
    expect({ stdout, stderr }).toEqual({ stdout: 'done\n', stderr: '' });
  });

  it('probes, with nothing else installed', async () => {
    const { stdout, stderr } = await run(node, project, [
      command,
      'probe',
      'ping',
      '127.0.0.1',
      '--no-checks',
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ probe: 'ping', status: 'ok' });
    expect(stderr).toBe('');
  });
});
