import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { NODES, type Node, run } from './program.js';
import { toolPath } from './toolbox.js';

const ESM = `
import { createRetryer, NetworkMonitor } from 'netpause';
import { SimulatedNetwork } from 'netpause/testing';`;

const COMMONJS = `
const { createRetryer, NetworkMonitor } = require('netpause');
const { SimulatedNetwork } = require('netpause/testing');`;

const PROGRAM = `
async function main() {
  const answer = await createRetryer({ network: new SimulatedNetwork() }).run(async () => 'done');
  const monitor = new NetworkMonitor({ checkHosts: [] });
  await monitor.start();
  console.log(JSON.stringify({ answer, ...monitor.snapshot() }));
  await monitor.stop();
}
main();`;

const KINDS = [
  { from: 'ES modules', to: 'esm', source: ESM + PROGRAM, input: 'main.mjs', output: 'out.mjs' },
  { from: 'ES modules', to: 'cjs', source: ESM + PROGRAM, input: 'main.mjs', output: 'out.cjs' },
  { from: 'CommonJS', to: 'cjs', source: COMMONJS + PROGRAM, input: 'main.cjs', output: 'out.cjs' },
] as const;

type Kind = (typeof KINDS)[number];

const folders: string[] = [];

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

describe.each(KINDS)('a bundle that esbuild makes of $from as $to', (kind) => {
  let beside: string;
  let inside: string;

  beforeAll(async () => {
    beside = await deploy(await bundle(kind, ['--external:koffi']), ['koffi', '@koromix']);
    inside = await deploy(await bundle(kind, []), []);
  }, 60_000);

  it.each(NODES)('knows the network by netlink where koffi is deployed beside it, on $title', async (node) => {
    const { stdout, stderr } = await run(node, beside, [kind.output]);
    expect(JSON.parse(stdout)).toMatchObject({ answer: 'done', source: 'netlink', ffi: 'koffi' });
    expect(stderr).toBe('');
  });

  it.each(NODES)('steps down where koffi is inside, without its native code, and says why, on $title', async (node) => {
    const { stdout } = await run(node, inside, [kind.output]);
    expect(JSON.parse(stdout)).toMatchObject({
      answer: 'done',
      source: expect.stringMatching(/^(netlink|proc)$/),
      sourceReason: expect.stringMatching(/^koffi could not be loaded: /),
    });
  });
});

/** @returns the path of the bundle, made without a warning. */
async function bundle({ input, output, source, to }: Kind, options: readonly string[]): Promise<string> {
  const project = await mkdtemp(join(inject('installed'), 'bundle-'));
  await writeFile(join(project, input), source);
  const node: Node = { title: 'the Node.js of the tests', path: process.execPath };
  const args = ['--bundle', '--platform=node', `--format=${to}`, `--outfile=${output}`, '--log-level=warning'];
  const { stderr } = await run(node, project, [toolPath('esbuild/bin/esbuild'), input, ...args, ...options]);
  expect(stderr).toBe('');
  return join(project, output);
}

/** Puts a bundle where nothing is installed but some packages. */
async function deploy(path: string, packages: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netpause-bundle-'));
  folders.push(folder);
  await cp(path, join(folder, basename(path)));
  for (const name of packages) {
    const installed = join('node_modules', name);
    await cp(join(inject('installed'), installed), join(folder, installed), { recursive: true });
  }
  return folder;
}
