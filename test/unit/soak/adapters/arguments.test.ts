import { describe, expect, it } from 'vitest';
import { readArguments } from '../../../soak/adapters/arguments.js';

describe('the command line of the soak', () => {
  it('asks for twenty transfers of 64 MiB from the first', () => {
    const asked = { adapter: 'sftp', direction: 'upload', runs: 20, seed: 5, first: 1, bytes: 64 * 2 ** 20, scale: 1 };
    expect(readArguments(['--adapter', 'sftp', '--seed', '5'])).toEqual(asked);
  });

  it('takes a run of its own out of a seed', () => {
    const asked = readArguments(['--adapter', 's3', '--seed', '5', '--first', '7', '--runs', '1', '--size', '8']);
    expect(asked).toMatchObject({ runs: 1, first: 7, bytes: 8 * 2 ** 20 });
  });

  it('can be short', () => {
    expect(readArguments(['--adapter', 'http', '--quick'])).toMatchObject({
      runs: 1,
      bytes: 16 * 2 ** 20,
      scale: 0.25,
    });
  });

  it.each([
    [[], /--adapter takes one of/],
    [['--adapter', 'toString'], /--adapter takes one of/],
    [['--adapter', 's3', '--runs', '0'], /--runs takes a whole number from 1, not 0/],
    [['--adapter', 's3', '--seed', 'x'], /--seed takes a whole number from 0, not x/],
    [['--adaptor', 's3'], /--adaptor/],
  ])('complains of %j', (args, complaint) => {
    expect(readArguments(args)).toEqual({ complaint: expect.stringMatching(complaint) });
  });
});
