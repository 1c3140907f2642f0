import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadPackage } from '../../../src/errors/index.js';
import { MissingPackageError } from '../../../src/observe/index.js';

const ABSENT = 'no-such-package-of-netpause';

/** What Node.js says to an import in vain; here and now it is the loader of the tests that would answer. */
async function importInVain(): Promise<never> {
  const program = `import('${ABSENT}').catch(({ code, message }) => console.log(JSON.stringify({ code, message })))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
  const { code, message }: { code: string; message: string } = JSON.parse(stdout);
  throw Object.assign(new Error(message), { code });
}

async function requireInVain(): Promise<unknown> {
  return createRequire(import.meta.url)(ABSENT);
}

describe('loadPackage', () => {
  it('gives the module', async () => {
    await expect(loadPackage('some', 'collectSome', async () => ({ value: 1 }))).resolves.toEqual({ value: 1 });
  });

  it.each([
    ['import', importInVain],
    ['require', requireInVain],
  ])('says what to install where %s does not find it', async (_way, load) => {
    const loading = loadPackage(ABSENT, 'collectSome', load);
    await expect(loading).rejects.toBeInstanceOf(MissingPackageError);
    await expect(loading).rejects.toMatchObject({
      code: 'ERR_NETPAUSE_MISSING_PACKAGE',
      packageName: ABSENT,
      neededBy: 'collectSome',
      message: `collectSome needs ${ABSENT}, which is not installed: npm install ${ABSENT}`,
      cause: { code: expect.stringContaining('MODULE_NOT_FOUND') },
    });
  });

  it.each([
    new Error('a bug in it'),
    Object.assign(new Error("Cannot find package 'another' imported from it"), { code: 'ERR_MODULE_NOT_FOUND' }),
  ])('does not hide that it is there and broken: %s', async (broken) => {
    await expect(loadPackage('some', 'collectSome', () => Promise.reject(broken))).rejects.toBe(broken);
  });
});
