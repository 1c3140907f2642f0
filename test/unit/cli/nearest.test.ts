import { expect, it } from 'vitest';
import { nearest } from '../../../src/cli/text/nearest.js';

it.each([
  ['prot', 'port'],
  ['prt', 'port'],
  ['ports', 'port'],
  ['hots', 'host'],
  ['tls', 'tls'],
  ['', undefined],
  ['x', undefined],
  ['address', undefined],
  ['p'.repeat(100_000), undefined],
])('nearest to %.20s is %s', (written, name) => {
  expect(nearest(written, ['host', 'port', 'tls'])).toBe(name);
});
