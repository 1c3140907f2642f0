import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readExpectedMembers } from '../../../../src/ring/expected/index.js';
import { codeBlocks } from '../../../docs/code-blocks.js';

const ROOT = new URL('../../../../', import.meta.url);
const textOf = (path: string) => readFile(new URL(path, ROOT), 'utf8');

it('the file of expected members is the same among the examples and in the guide', async () => {
  const blocks = codeBlocks(await textOf('NETWORK_MONITORING.md'));
  const guide = blocks.find(({ code }) => code.includes('expected_members:') && code.includes('dc1:'))?.code ?? '';
  const example = readExpectedMembers(parse(await textOf('examples/ring/expected-members.yaml')));
  expect(example.locations.map(({ location, count }) => [location, count])).toEqual([
    ['dc1', 2],
    ['dc2', 1],
  ]);
  expect(readExpectedMembers(parse(guide))).toEqual(example);
});
