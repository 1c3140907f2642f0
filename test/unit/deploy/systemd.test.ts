import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readRegistryFile } from '../../../src/cli/ring/registry/registry-file.js';
import { memberOptionsFromEnv } from '../../../src/ring/index.js';
import { flagsOf, textOf } from './files.js';
import { knownFlags } from './known-flags.js';

const run = promisify(execFile);
const UNITS = ['netpause-ring-registry.service', 'netpause-ring-member.service'] as const;

describe.each(UNITS)('%s', (unit) => {
  const text = textOf(`systemd/${unit}`);

  it('runs a command that there is', () => {
    const [, words = ''] = /^ExecStart=\/usr\/bin\/netpause (.*)$/m.exec(text) ?? [];
    const { command, flags } = flagsOf(words.split(' '));
    expect(unit).toContain(command);
    expect(flags).toContain('--token-file');
    expect(knownFlags(command)).toEqual(expect.arrayContaining([...flags]));
  });

  it('may have what the service needs: netlink, and compiling while it runs', () => {
    expect(text).toMatch(/^RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX$/m);
    expect(text).not.toMatch(/^MemoryDenyWriteExecute=/m);
  });

  it.skipIf(!existsSync('/usr/bin/systemd-analyze'))('is accepted by systemd, and hardened', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netpause-deploy-'));
    try {
      const path = join(folder, unit);
      // Of the command it is looked whether it can be run, and it is not installed here.
      await writeFile(path, text.replace('/usr/bin/netpause', process.execPath));
      const { stderr } = await run('systemd-analyze', ['verify', '--man=no', path]);
      expect(stderr).toBe('');
      // Tenths; it fails above them.
      await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', path]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the settings beside the units', () => {
  it('are those of a registry', () => {
    const { settings } = readRegistryFile(textOf('systemd/registry.yaml'), 'registry.yaml');
    expect(settings).toMatchObject({ host: '0.0.0.0', port: 8756 });
  });

  it('are those of a member', () => {
    const lines = textOf('systemd/member.env').matchAll(/^(\w+)=(.*)$/gm);
    const options = memberOptionsFromEnv(Object.fromEntries([...lines].map(([, name, value]) => [name, value])));
    expect(options).toMatchObject({ location: 'dc1', instanceId: 'dc1-1', registryUrl: expect.anything() });
  });
});
