import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appearanceFor, hasColour, speaksUtf8 } from '../../../src/cli/text/appearance.js';
import { formatDuration } from '../../../src/cli/text/duration.js';
import { alignColumns, columnsOf, cutTo, fitTo, printable } from '../../../src/cli/text/fit.js';
import { formatPercent } from '../../../src/cli/text/percent.js';
import { formatBitRate, formatRate } from '../../../src/cli/text/rate.js';
import { explain, meaningForDestination, meaningOf } from '../../../src/cli/text/words.js';

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [0.42, '0.4 ms'],
    [9.97, '10 ms'],
    [340, '340 ms'],
    [999.6, '1 s'],
    [2_000, '2 s'],
    [12_340, '12.3 s'],
    [59_960, '1 min 0 s'],
    [133_000, '2 min 13 s'],
    [3_599_600, '1 h 0 min'],
    [11_100_000, '3 h 5 min'],
    [187_200_000, '2 d 4 h'],
  ])('of %d ms is %s', (duration, expected) => {
    expect(formatDuration(duration)).toBe(expected);
  });
});

describe('a rate in bits', () => {
  it.each([
    [0, '0.000 Mbit/s'],
    [512_000, '0.512 Mbit/s'],
    [9.41e6, '9.41 Mbit/s'],
    [94.12e6, '94.1 Mbit/s'],
    [941.2e6, '941 Mbit/s'],
    [9.4123e9, '9412 Mbit/s'],
  ])('of %d a second is %s', (rate, expected) => {
    expect(formatBitRate(rate)).toBe(expected);
  });
});

describe('a fraction', () => {
  it.each([
    [0, '0%'],
    [0.001, '<1%'],
    [0.125, '13%'],
    [0.999, '>99%'],
    [1, '100%'],
  ])('of %d is %s', (fraction, expected) => {
    expect(formatPercent(fraction)).toBe(expected);
  });
});

describe('a rate', () => {
  it.each([
    [0, '0 B/s'],
    [340.4, '340 B/s'],
    [999.6, '1.0 kB/s'],
    [1_234, '1.2 kB/s'],
    [54_321_000, '54 MB/s'],
    [1.25e9, '1.3 GB/s'],
  ])('of %d bytes per second is %s', (rate, expected) => {
    expect(formatRate(rate)).toBe(expected);
  });

  it('never takes more than eight columns', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 9e17, noNaN: true }), (rate) => formatRate(rate).length <= 8));
  });
});

describe('a text that has to fit', () => {
  it('is cut off with an ellipsis, or filled up', () => {
    expect(fitTo('netpause', 5)).toBe('netp…');
    expect(fitTo('net', 5)).toBe('net  ');
    expect(cutTo('net', 5)).toBe('net');
    expect(cutTo('net', 0)).toBe('');
  });

  it('is measured in columns, whatever its characters and colours', () => {
    const { colours } = appearanceFor({ isTerminal: true, env: {} });
    expect(columnsOf(colours.bad('網路'))).toBe(4);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
        expect(columnsOf(fitTo(colours.good(printable(text)), columns))).toBe(columns);
      }),
    );
  });

  it('stands in columns as wide as their widest cell', () => {
    expect(
      alignColumns([
        ['a', 'bbb', 'c'],
        ['aaaa', 'b'],
      ]),
    ).toEqual(['a     bbb  c', 'aaaa  b']);
    expect(alignColumns([])).toEqual([]);
  });
});

describe('a text from elsewhere', () => {
  it('cannot move the cursor, retitle the window or turn the writing round', () => {
    expect(printable('eth0\u001b]0;owned\u0007\r\n\u009b2J\u202e')).toBe('eth0?]0;owned????2J?');
  });

  it('of an error is one line, and never empty', () => {
    expect(explain(new Error('first\nsecond'))).toBe('Error: first');
    expect(explain(Object.assign(new AggregateError([], ''), { code: 'ETIMEDOUT' }))).toBe('ETIMEDOUT');
  });
});

describe('what a reason means', () => {
  it('without a way out is not that nobody has answered', () => {
    expect(meaningOf({ reason: 'unverified', hasWay: false })).toBe(
      'there is no way out, and nothing says that there ever was one',
    );
    expect(meaningOf({ reason: 'unverified', hasWay: true })).toBe('nothing that could be asked has answered yet');
  });

  it.each([
    ['db.example.com:5432', 'reachable', true, /was not asked \(netpause wait db\.example\.com:5432 does\)$/],
    ['db.example.com', 'reachable', true, /the destination itself was not asked$/],
    ['db.example.com', 'unverified', false, /^there is no way there, /],
    ['db.example.com', 'no-route', false, /^the kernel knows no way there$/],
  ] as const)('for %s, %s (a way: %s): %s', (destination, reason, hasWay, expected) => {
    expect(meaningForDestination(destination, { reason, hasWay })).toMatch(expected);
  });
});

describe('colour', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: 'dumb' }, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('on a terminal (%s) with %j: %s', (isTerminal, env, expected) => {
    expect(hasColour({ isTerminal, env })).toBe(expected);
    expect(appearanceFor({ isTerminal, env }).colours.good('up') !== 'up').toBe(expected);
  });
});

describe('the signs', () => {
  it.each([
    [{}, true],
    [{ LANG: 'C' }, false],
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'en_US.utf8', LC_ALL: 'C' }, false],
    [{ LANG: '', LC_CTYPE: 'C.UTF-8' }, true],
  ])('with %j go beyond ASCII: %s', (env, expected) => {
    expect(speaksUtf8(env)).toBe(expected);
    const { signs } = appearanceFor({ isTerminal: true, env });
    expect(/^[ -~]*$/.test(JSON.stringify(signs))).toBe(!expected);
  });
});
