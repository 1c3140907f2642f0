import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PARTS } from '../../bench/parts.js';
import { CommandError, runCommand } from '../lab/command.js';
import { describeInLab } from '../lab/describe-in-lab.js';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const TYPESCRIPT = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** The quick form takes less than a minute; this is for a busy machine. */
const BOUND = 240_000;

const SUMMARY = {
  min: expect.any(Number),
  p25: expect.any(Number),
  median: expect.any(Number),
  p75: expect.any(Number),
  p99: expect.any(Number),
  max: expect.any(Number),
};

const orNull = (matcher: unknown) => expect.toBeOneOf([null, matcher]);

const ROW = {
  name: expect.any(String),
  unit: expect.any(String),
  ours: orNull(expect.any(Number)),
  reference: orNull(expect.any(Number)),
  referenceName: expect.any(String),
  ratio: orNull(expect.any(Number)),
  target: orNull(expect.any(String)),
  met: orNull(expect.any(Boolean)),
  trials: expect.any(Number),
  spread: { ours: orNull(SUMMARY), reference: orNull(SUMMARY) },
};

// Whether it works, not what comes out of it: figures of so few trials on any machine mean nothing.
describeInLab('the bench, in its quick form', ['tap'], () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpause-bench-test-'));
    const command = [process.execPath, '--import', TYPESCRIPT, MAIN, '--quick', '--out', folder] as const;
    await runCommand(command, { timeout: BOUND }).catch((error: unknown) => {
      // Which part has failed, and why, it says on standard output.
      if (error instanceof CommandError) throw new Error(linesAboutFailures(error.stdout), { cause: error });
      throw error;
    });
  }, BOUND);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(PARTS)('measures $name, and writes rows of the promised form', async ({ name }) => {
    const results: { rows: readonly unknown[] } = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'));
    expect(results).toEqual({ rows: expect.any(Array) });
    expect(results.rows).not.toEqual([]);
    for (const row of results.rows) expect(row).toEqual(ROW);
  });

  it.each(PARTS)('draws $name', async ({ name }) => {
    expect(await readFile(join(folder, `${name}.svg`), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });
});

function linesAboutFailures(output: string): string {
  const lines = output.split('\n').filter((line) => line.includes('failed'));
  return lines.length === 0 ? output : lines.join('\n');
}
