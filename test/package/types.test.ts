import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { toolPath } from './toolbox.js';

const CHECKOUT = createRequire(import.meta.url);

const USE = `
import { AbortError, createRetryer, NetworkMonitor, NetpauseError, retryReport } from 'netpause';
import type { NetworkChange, NetworkSource, NetworkState } from 'netpause';
import { NetworkMonitor as SameMonitor } from 'netpause/monitor';
import type { NetworkSource as SameSource } from 'netpause/retry';
import { createMember, createRegistry, MemoryStore } from 'netpause/ring';
import type { MemberOptions, Registry } from 'netpause/ring';
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
const registry: Promise<Registry> = createRegistry({ store: new MemoryStore(), monitor });
const options: MemberOptions = { location: 'dc1', monitor };
// @ts-expect-error
createMember({ location: 1 });
// @ts-expect-error
network.state = 'sideways';
export { answer, options, registry, netlink, NetpauseError, retryReport, state, unsubscribe };
`;

const NODE = { rules: 'ES modules and for CommonJS', files: ['main.mts', 'main.cts'], options: { module: 'NodeNext' } };
const BUNDLER = { rules: 'a bundler', files: ['main.ts'], options: { module: 'ESNext', moduleResolution: 'Bundler' } };
const NODE10 = {
  rules: 'a resolution that knows no "exports"',
  files: ['main.ts'],
  options: { module: 'CommonJS', moduleResolution: 'Node10' },
};

/** The oldest and the newest TypeScript 5, and what came after it, which has no Node10 any more. */
const COMPILERS = [
  { version: '5.0', resolutions: [NODE, BUNDLER, NODE10] },
  { version: '5.9', resolutions: [NODE, BUNDLER, NODE10] },
  { version: '7.0', resolutions: [NODE, BUNDLER] },
];

describe.each(COMPILERS)('the types, read by TypeScript $version', ({ version, resolutions }) => {
  it.each(resolutions)(
    'describe for $rules what every entry offers, and refuse what it does not',
    async ({ files, options }) => {
      expect(await compile(version, files, options)).toBe('');
    },
  );
});

/** @returns what the compiler has to say, with our declarations checked too. */
async function compile(version: string, files: readonly string[], compilerOptions: object): Promise<string> {
  const project = await mkdtemp(join(inject('installed'), 'types-'));
  for (const file of files) await writeFile(join(project, file), USE);
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...STRICT, ...compilerOptions }, files }),
  );
  const compiler = toolPath(`typescript-${version}/bin/tsc`);
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
