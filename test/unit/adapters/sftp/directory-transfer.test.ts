import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type DirectorySides, transferDirectory } from '../../../../src/adapters/sftp/directory-transfer.js';
import { directorySettings } from '../../../../src/adapters/sftp/settings.js';

const SETTINGS = directorySettings('test', { concurrency: 2 });

const SIDES: DirectorySides = {
  entries: async (path) =>
    path === ''
      ? [
          { name: 'a', type: 'file' },
          { name: 'sub', type: 'directory' },
        ]
      : [],
  makeFolder: async () => {},
  transfer: async () => ({ bytes: 1, moved: 1 }),
};

/** Work that waits for a network that never comes. */
async function endless(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

describe('the transfer of a directory', () => {
  it('ends with the first failure although the next directory cannot be listed at the moment', async () => {
    const transferring = transferDirectory(
      {
        ...SIDES,
        entries: (path, signal) => (path === 'sub' ? endless(signal) : SIDES.entries(path, signal)),
        transfer: async () => {
          throw new Error('the disk is full');
        },
      },
      SETTINGS,
      undefined,
    );
    await expect(transferring).rejects.toThrow('the disk is full');
  });

  it('ends with the failure of a listing although a file is under way', async () => {
    const transferring = transferDirectory(
      {
        ...SIDES,
        makeFolder: async (path) => {
          if (path === 'sub') throw new Error('there is something else');
        },
        transfer: (_path, signal) => endless(signal),
      },
      SETTINGS,
      undefined,
    );
    await expect(transferring).rejects.toThrow('there is something else');
  });

  it('ends with its signal although it aborts between two files', async () => {
    const abort = new AbortController();
    const settings = { ...SETTINGS, concurrency: 1, onEntry: () => abort.abort(new Error('enough')) };
    const entries = async (path: string) =>
      path === '' ? ['a', 'b', 'c'].map((name) => ({ name, type: 'file' as const })) : [];
    const transferring = transferDirectory({ ...SIDES, entries }, settings, abort.signal);
    await expect(transferring).rejects.toThrow('enough');
  });

  it('makes a directory before what is in it, and each once', async () => {
    const done: string[] = [];
    const sides: DirectorySides = {
      entries: async (path) => (path.length > 4 ? [] : ['x', 'y'].map((name) => ({ name, type: 'directory' }))),
      makeFolder: async (path) => void done.push(path),
      transfer: SIDES.transfer,
    };
    await transferDirectory(sides, SETTINGS, undefined);
    expect(new Set(done).size).toBe(done.length);
    expect(done.slice(0, 4)).toEqual(['', 'x', 'x/x', 'x/x/x']);
    expect(done).toHaveLength(1 + 2 + 4 + 8);
  });

  it('is not troubled by a listener that throws', async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const settings = {
      ...SETTINGS,
      onEntry: () => {
        throw new Error('a bug');
      },
    };
    await expect(transferDirectory(SIDES, settings, undefined)).resolves.toMatchObject({ transferred: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toHaveLength(1);
  });
});
