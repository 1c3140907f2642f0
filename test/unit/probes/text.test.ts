import { describe, expect, it } from 'vitest';
import { interleaveFamilies } from '../../../src/probes/connect/interleave.js';
import { escapeText } from '../../../src/probes/escape-text.js';
import { matcherOf } from '../../../src/probes/text-pattern.js';

describe('escapeText', () => {
  it.each([
    ['plain text, Grüße, 東京', 'plain text, Grüße, 東京'],
    ['\0\x1b]0;title\x07', '\\x00\\x1b]0;title\\x07'],
    ['\x9b31m', '\\x9b31m'],
    ['a\r\n\tb', 'a\\r\\n\\tb'],
    ['\\x1b', '\\\\x1b'],
    ['\u202e\u2066\u2028\ufeff', '\\u{202e}\\u{2066}\\u{2028}\\u{feff}'],
    ['\ud800', '\\u{d800}'],
    ['', ''],
  ])('writes %j so that it can be printed', (text, escaped) => {
    expect(escapeText(text)).toBe(escaped);
  });

  it('never exceeds its length, nor breaks an escape', () => {
    for (let length = 1; length < 20; length += 1) {
      const cut = escapeText('\x1b'.repeat(1_000), length);
      expect(cut.length).toBeLessThanOrEqual(length);
      expect(cut).toMatch(/^(\\x1b)*…$/);
    }
    expect(escapeText('12345', 5)).toBe('12345');
    expect(escapeText('123456', 5)).toBe('1234…');
  });
});

describe('interleaveFamilies', () => {
  it.each([
    [
      ['::1', '::2', '192.0.2.1', '192.0.2.2', '192.0.2.3'],
      ['::1', '192.0.2.1', '::2', '192.0.2.2', '192.0.2.3'],
    ],
    [
      ['192.0.2.1', '::1'],
      ['192.0.2.1', '::1'],
    ],
    [['192.0.2.1'], ['192.0.2.1']],
    [[], []],
  ])('%j', (addresses, order) => {
    expect(interleaveFamilies(addresses)).toEqual(order);
  });
});

describe('matcherOf', () => {
  it('describes a pattern in words that can be printed', () => {
    expect(matcherOf('\x1b').description).toBe('"\\x1b"');
    expect(matcherOf({ regexp: 'a.b', flags: 's' }).description).toBe('/a.b/s');
  });

  it('does not remember where it was', () => {
    const { matches } = matcherOf(/a/g);
    expect([matches('a'), matches('a')]).toEqual([true, true]);
  });

  it('takes a string as it is', () => {
    expect(matcherOf('a.b').matches('axb')).toBe(false);
    expect(matcherOf('a.b').matches('xa.bx')).toBe(true);
  });
});
