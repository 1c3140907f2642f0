import { describe, expect, it } from 'vitest';
import { describeResult } from '../../../../src/cli/probe/describe-result.js';
import { renderProbes, renderSummary } from '../../../../src/cli/probe/render-probes.js';
import { add, emptyTally, type Tally, worstOf } from '../../../../src/cli/probe/tally.js';
import { appearanceFor } from '../../../../src/cli/text/appearance.js';
import { columnsOf } from '../../../../src/cli/text/fit.js';
import { formatRtt } from '../../../../src/cli/text/rtt.js';
import { sparkline } from '../../../../src/cli/text/sparkline.js';
import type { ProbeResult } from '../../../../src/probes/index.js';

const PLAIN = appearanceFor({ isTerminal: false, env: { LANG: 'C.UTF-8' } });
const ASCII = appearanceFor({ isTerminal: false, env: { LANG: 'C' } });
const NETWORK = { state: 'up', reason: 'reachable' } as const;

function ok(time?: number): ProbeResult {
  return {
    probe: 'tcp',
    target: 'a.example:1',
    status: 'ok',
    address: '192.0.2.1',
    startedAt: 0,
    duration: 5,
    samples: time === undefined ? [] : [time],
    timings: {},
    facts: {},
  };
}

const refused: ProbeResult = {
  ...ok(),
  status: 'failed',
  failureSource: 'target',
  reason: 'refused',
  message: 'connect ECONNREFUSED',
};

const offline: ProbeResult = {
  ...ok(),
  status: 'inconclusive',
  failureSource: 'local',
  reason: 'offline',
  message: "this host's network was down",
};

const tallyOf = (...results: readonly ProbeResult[]): Tally => results.reduce(add, emptyTally('a.example:1'));

describe('the screen of probes', () => {
  it('has a row for each target, with a sparkline as far as there is room', () => {
    const tallies = [tallyOf(ok(1), ok(2), refused, ok(4.25)), tallyOf(offline), emptyTally('b.example:2')];
    expect(
      renderProbes({ probe: 'tcp', tallies, network: NETWORK }, { columns: 80, rows: 10, appearance: PLAIN }),
    ).toEqual(
      [
        'probe tcp  network up (reachable)',
        '',
        'TARGET       LAST            MIN      AVG      MAX      LOSS',
        'a.example:1  4.25 ms         1.00 ms  2.42 ms  4.25 ms  25%   ▁▃✗█',
        'a.example:1  offline, local  -        -        -        -     !',
        'b.example:2  -               -        -        -        -',
        '',
        '',
        '',
        'q quit',
      ].map((line) => expect.stringMatching(new RegExp(`^${line.replace(/[()]/g, '\\$&')} *$`))),
    );
  });

  it('never has more rows or columns than the terminal, and says how much it leaves out', () => {
    const tallies = Array.from({ length: 50 }, () => tallyOf(ok(1), ok(100), refused));
    for (const [columns, rows] of [
      [80, 24],
      [40, 10],
      [10, 5],
      [3, 2],
      [1, 1],
    ] as const) {
      const lines = renderProbes({ probe: 'tcp', tallies, network: NETWORK }, { columns, rows, appearance: PLAIN });
      expect(lines).toHaveLength(rows);
      expect(Math.max(...lines.map((line) => columnsOf(line)))).toBeLessThanOrEqual(columns);
    }
    const lines = renderProbes(
      { probe: 'tcp', tallies, network: NETWORK },
      { columns: 80, rows: 24, appearance: PLAIN },
    );
    expect(lines).toContainEqual(expect.stringMatching(/… and 31 more/));
  });

  it('lets no target move the cursor', () => {
    const tally = { ...tallyOf(ok(1)), target: 'a\u001b[2J' };
    const lines = renderProbes(
      { probe: 'tcp', tallies: [tally], network: NETWORK },
      { columns: 80, rows: 10, appearance: PLAIN },
    );
    expect(lines.join('')).not.toContain('\u001b');
  });
});

describe('the summary', () => {
  it('counts what came, and has the times', () => {
    expect(renderSummary({ tallies: [tallyOf(ok(1), ok(3), refused, offline)] }, PLAIN)).toEqual([
      'a.example:1  4 probes  2 ok  1 failed  1 inconclusive  min/avg/max 1.00 ms / 2.00 ms / 3.00 ms',
    ]);
  });

  it('goes by the worst of all', () => {
    expect(worstOf([tallyOf(ok(1)), tallyOf(offline)])).toBe('inconclusive');
    expect(worstOf([tallyOf(offline), tallyOf(refused)])).toBe('failed');
    expect(worstOf([tallyOf(ok(1))])).toBe('ok');
    expect(worstOf([tallyOf(ok(1)), emptyTally('b')])).toBe('inconclusive');
    expect(worstOf([])).toBe('inconclusive');
  });
});

describe('a result in words', () => {
  it.each<[ProbeResult, string]>([
    [ok(0.5), '✓ a.example:1 (192.0.2.1) ok in 0.500 ms'],
    [ok(), '✓ a.example:1 (192.0.2.1) ok'],
    [refused, '✗ a.example:1 (192.0.2.1) failed (refused, target): connect ECONNREFUSED'],
    [offline, "! a.example:1 (192.0.2.1) inconclusive (offline, local): this host's network was down"],
    [
      { ...ok(1), probe: 'http', facts: { status: 200, httpVersion: '2' } },
      '✓ a.example:1 (192.0.2.1) ok in 1.00 ms, status 200 by HTTP/2',
    ],
    [
      {
        ...ok(1),
        probe: 'dns',
        facts: { rcode: 'NOERROR', answers: ['1', '2', '3', '4', '5'].map((data) => ({ data })) },
      },
      '✓ a.example:1 (192.0.2.1) ok in 1.00 ms, NOERROR, 1 2 3 4 +1',
    ],
    [
      { ...ok(1), probe: 'ping', target: '192.0.2.1', facts: { sent: 5, received: 4 } },
      '✓ 192.0.2.1 ok in 1.00 ms, 4 of 5 answered',
    ],
    [
      { ...refused, message: 'it said \u001b]0;title\u0007' },
      '✗ a.example:1 (192.0.2.1) failed (refused, target): it said ?]0;title?',
    ],
  ])('%#', (result, words) => {
    expect(describeResult(result, PLAIN)).toBe(words);
  });
});

describe('a sparkline', () => {
  it('stands between the smallest and the largest', () => {
    expect(sparkline([0, 7, 3.5, 'bad', 'doubtful'], PLAIN.signs)).toBe('▁█▅✗!');
    expect(sparkline([5, 5], PLAIN.signs)).toBe('▁▁');
    expect(sparkline([], PLAIN.signs)).toBe('');
    expect(sparkline([0, 5, 'bad'], ASCII.signs)).toBe('_#x');
  });
});

describe('a round-trip time', () => {
  it.each([
    [0.0421, '0.042 ms'],
    [0.9996, '1.00 ms'],
    [9.994, '9.99 ms'],
    [9.996, '10.0 ms'],
    [99.96, '100 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [12_345, '12.3 s'],
  ])('of %d is %s', (time, text) => {
    expect(formatRtt(time)).toBe(text);
  });
});
