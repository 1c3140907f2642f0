import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../docs/sources.js';
import { describeInLab } from '../lab/describe-in-lab.js';
import { createLab, type Lab } from '../lab/index.js';
import { type CompiledPrograms, compilePrograms } from './guide/compile.js';
import { examplesOf, linesMissing } from './guide/examples.js';
import { runProgram } from './guide/run.js';
import { lanes } from './lanes.js';

const readme = examplesOf('README.md');
const guide = examplesOf('NETWORK_MONITORING.md');
// The first of the readme is held to its output elsewhere (test/unit/docs.test.ts).
const programs = [...readme.programs.slice(1), ...guide.programs];
const excerpts = [...readme.excerpts, ...guide.excerpts];

describeInLab('a program in the documents ends by itself or goes on running, without an error', [], () => {
  const inTurn = lanes(2);
  let compiled: CompiledPrograms;
  let lab: Lab;

  beforeAll(async () => {
    [compiled, lab] = await Promise.all([compilePrograms(programs), createLab()]);
  });
  afterAll(async () => {
    await lab?.dispose();
    await compiled?.[Symbol.asyncDispose]();
  });

  it.concurrent.each(programs.map((program, index) => [program.title, program, index] as const))(
    '%s',
    async (_title, program, index) => {
      const outcome = await inTurn(async () =>
        // A host of its own, so that it gets the ports that it listens on, and joined to none, so that nothing gets out.
        runProgram(await lab.host(`example${index}`), compiled.folder(program), compiled.preload),
      );
      expect(outcome).toEqual({ ending: expect.stringMatching(/^(exited with code 0|was running)$/), stderr: '' });
    },
  );
});

describe('an excerpt of a test in the documents stands in an example project, which is run by itself (test/package)', () => {
  const testFiles = filesBelow('examples/testing');

  it.each(excerpts.map((excerpt) => [excerpt.title, excerpt] as const))('%s', (_title, excerpt) => {
    const missing = testFiles.map((file) => linesMissing(excerpt, readFileSync(file, 'utf8')));
    const [fewest] = missing.toSorted((a, b) => a.length - b.length);
    expect(fewest).toEqual([]);
  });
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
