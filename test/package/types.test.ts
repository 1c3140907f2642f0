import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';

const CHECKOUT = createRequire(import.meta.url);

const USE = `
import { AbortError, createRetryer, NetworkMonitor, NetpauseError, retryReport } from 'netpause';
import type { NetworkChange, NetworkSource, NetworkState } from 'netpause';
import { NetworkMonitor as SameMonitor } from 'netpause/monitor';
import type { NetworkSource as SameSource } from 'netpause/retry';
import { SimulatedNetwork } from 'netpause/testing';
import * as netlink from 'netpause/netlink';

const network: NetworkSource = new SimulatedNetwork();
const same: SameSource = network;
const monitor: SameMonitor = new NetworkMonitor({ checkHosts: ['192.0.2.1'] });
const source: NetworkSource = monitor;
const retryer = createRetryer({ network: same, retries: 3 });
const answer: Promise<string> = retryer.run(async (attempt: number) => {
  if (attempt > 1) throw new AbortError('enough');
  return 'done';
});
const state: NetworkState = network.state;
const unsubscribe: () => void = source.onChange((change: NetworkChange) => void change.reason);
// @ts-expect-error: had a declaration not been found, this would be any, and anything would do
createRetryer({ retries: 'three' });
// @ts-expect-error
network.state = 'sideways';
export { answer, netlink, NetpauseError, retryReport, state, unsubscribe };
`;

describe.each([
  ['ES modules', 'main.mts', { module: 'NodeNext' }],
  ['CommonJS', 'main.cts', { module: 'NodeNext' }],
  ['a bundler', 'main.ts', { module: 'ESNext', moduleResolution: 'Bundler' }],
  ['a resolution that knows no "exports"', 'main.ts', { module: 'CommonJS', moduleResolution: 'Node10' }],
])('the types for %s', (_rules, file, compilerOptions) => {
  it('describe what every entry offers, and refuse what it does not', async () => {
    expect(await compile(file, USE, compilerOptions)).toBe('');
  });
});

/** @returns what the compiler has to say, with our declarations checked too. */
async function compile(file: string, source: string, compilerOptions: object): Promise<string> {
  const project = await mkdtemp(join(inject('installed'), 'types-'));
  await writeFile(join(project, file), source);
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...STRICT, ...compilerOptions }, files: [file] }),
  );
  const compiler = CHECKOUT.resolve('typescript/bin/tsc');
  try {
    return (await promisify(execFile)(process.execPath, [compiler, '-p', project], { cwd: project })).stdout;
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout);
    throw error;
  }
}

const STRICT = {
  target: 'ES2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  types: ['node'],
  // Node's own types are the user's to install; here the checkout lends them.
  typeRoots: [dirname(dirname(CHECKOUT.resolve('@types/node/package.json')))],
};
