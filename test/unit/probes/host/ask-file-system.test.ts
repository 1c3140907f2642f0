import type { StatsFs } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readDisks } from '../../../../src/probes/host/disks.js';

type Callback = (
  error: Error | null,
  stats: Pick<StatsFs, 'bsize' | 'blocks' | 'bfree' | 'bavail' | 'files' | 'ffree'>,
) => void;

/** File systems that do not answer before they are told to, by path, with those who asked. */
const silent = vi.hoisted(() => new Map<string, Callback[]>());
const asked = vi.hoisted((): string[] => []);

vi.mock('node:fs', async (original) => ({
  ...(await original<object>()),
  statfs: (path: string, callback: Callback) => {
    asked.push(path);
    const waiting = silent.get(path);
    if (waiting === undefined) setImmediate().then(() => callback(null, STATS));
    else waiting.push(callback);
  },
}));

const STATS = { bsize: 1, blocks: 4, bfree: 3, bavail: 3, files: 0, ffree: 0 };

const MOUNTINFO = `1 0 0:50 / /srv/one rw - nfs4 192.0.2.1:/export rw
2 0 0:51 / /srv/two rw - fuse.sshfs user@192.0.2.2: rw
3 0 0:52 / /srv/three rw - cifs //192.0.2.3/share rw
4 0 254:0 / / rw - ext4 /dev/vda rw
5 0 0:53 / /srv/four rw - nfs4 192.0.2.4:/export rw
`;
const mounted = async (path: string) => (path === '/proc/self/mountinfo' ? MOUNTINFO : undefined);

beforeEach(() => {
  asked.length = 0;
});
afterEach(async () => {
  for (const path of silent.keys()) answer(path);
  // What is forgotten then is forgotten before the next test.
  await setImmediate();
});

function answer(path: string): void {
  const waiting = silent.get(path) ?? [];
  silent.delete(path);
  for (const callback of waiting) callback(null, STATS);
}

/** Reads with a time that is over when the test says so. */
function probe(paths?: readonly string[]) {
  const over = new AbortController();
  const disks = readDisks(paths, mounted, over.signal);
  return {
    end: () => over.abort(new Error('the time is over')),
    errors: async () => Object.fromEntries((await disks).map(({ path, error = 'none' }) => [path, error])),
  };
}

async function probeUntil(path: string, paths?: readonly string[]) {
  const probing = probe(paths);
  await vi.waitUntil(() => asked.includes(path));
  probing.end();
  return probing.errors();
}

it('measures what is its own before what may not answer', async () => {
  silent.set('/srv/one', []);
  expect(await probeUntil('/srv/one')).toEqual({
    '/': 'none',
    '/srv/one': 'timeout',
    '/srv/two': 'timeout',
    '/srv/three': 'timeout',
    '/srv/four': 'timeout',
  });
});

it('does not ask again what still owes an answer, and goes on with the others at once', async () => {
  silent.set('/srv/one', []);
  await probeUntil('/srv/one');
  for (let probes = 0; probes < 5; probes += 1) {
    expect(await probe().errors()).toEqual({
      '/': 'none',
      '/srv/one': 'timeout',
      '/srv/two': 'none',
      '/srv/three': 'none',
      '/srv/four': 'none',
    });
  }
  expect(asked.filter((path) => path === '/srv/one')).toHaveLength(1);
});

it('asks again when the answer has come after all', async () => {
  silent.set('/srv/one', []);
  await probeUntil('/srv/one', ['/srv/one']);
  answer('/srv/one');
  await setImmediate();
  expect(await probe(['/srv/one']).errors()).toEqual({ '/srv/one': 'none' });
});

it('keeps two threads at most, however many do not answer', async () => {
  for (const path of ['/srv/one', '/srv/two', '/srv/three', '/srv/four']) silent.set(path, []);
  await probeUntil('/srv/one');
  await probeUntil('/srv/two');
  expect(await probe().errors()).toMatchObject({ '/': 'none', '/srv/three': 'timeout', '/srv/four': 'timeout' });
  expect(asked.filter((path) => path !== '/')).toEqual(['/srv/one', '/srv/two']);
});

it('keeps two threads at most when many probes run at the same time', async () => {
  const paths = ['/a', '/b', '/c', '/d', '/e'];
  for (const path of paths) silent.set(path, []);
  const probes = paths.map((path) => probe([path]));
  // The same one may be asked for by several.
  probes.push(probe(['/a']));
  await vi.waitUntil(() => asked.length >= 2);
  await setImmediate();
  expect(asked).toEqual(['/a', '/b']);
  answer('/a');
  await vi.waitUntil(() => asked.includes('/c'));
  expect(await probes[0]?.errors()).toEqual({ '/a': 'none' });
  expect(await probes[5]?.errors()).toEqual({ '/a': 'none' });
  for (const each of probes) each.end();
  expect(await probes[1]?.errors()).toEqual({ '/b': 'timeout' });
  expect(await probes[4]?.errors()).toEqual({ '/e': 'timeout' });
  expect(asked).toEqual(['/a', '/b', '/c']);
});
