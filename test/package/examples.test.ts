import { cp, mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { NODES, run } from './program.js';
import { toolPath } from './toolbox.js';

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/** How each example is run, and what it prints of its six tests when all have passed. */
const RUNNERS = [
  { name: 'vitest', args: [VITEST, 'run', '--root', '.'], passed: /Tests +6 passed \(6\)/ },
  { name: 'jest', args: [toolPath('jest/bin/jest.js')], passed: /Tests: +6 passed, 6 total/ },
  { name: 'node-test', args: ['--test', '--test-reporter=tap'], passed: /^# pass 6\n# fail 0\n/m },
];

describe.each(RUNNERS)('the example for $name', ({ name, args, passed }) => {
  it.each(NODES)('passes with the package installed, on $title', async (node) => {
    const project = await mkdtemp(join(inject('installed'), `${name}-`));
    await cp(join('examples/testing', name), project, { recursive: true });
    const { stdout, stderr } = await run(node, project, args, { NO_COLOR: '1' });
    expect(stdout + stderr).toMatch(passed);
  });
});
