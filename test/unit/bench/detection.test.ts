import { describe, expect, it } from 'vitest';
import { toDirectRows } from '../../../bench/detection/direct.js';
import { toIntervalRows } from '../../../bench/detection/intervals.js';
import { LineProgram } from '../../../bench/detection/line-program.js';
import { toPressureRows } from '../../../bench/detection/pressure.js';
import { FLOOR, milliseconds, OURS, toSamples } from '../../../bench/detection/samples.js';

const direct = [
  toSamples(OURS, 'route removed', [0.3, 0.5]),
  toSamples(FLOOR, 'route removed', [0.2, 0.2]),
  toSamples('ip monitor', 'route removed', [0.8]),
  toSamples(OURS, 'route removed', [0.4, undefined]),
];

describe('the samples of a contender', () => {
  it('are its latencies, and how many changes it did not notice', () => {
    expect(toSamples('polling', 'carrier lost', [3, undefined, 1])).toEqual({
      contender: 'polling',
      fault: 'carrier lost',
      latencies: [3, 1],
      missed: 1,
    });
  });

  it('are milliseconds between two times of the same clock', () => {
    expect(milliseconds(1_000_000_000n, 1_002_500_000n)).toBe(2.5);
  });
});

describe('the rows of detection', () => {
  const rows = toDirectRows('', direct);
  const named = (name: string) => rows.filter((row) => row.name === name);

  it('put the median over all turns beside that of each contender, and hold it against the floor', () => {
    expect(named('route removed: median')).toMatchObject([
      { referenceName: FLOOR, ours: 0.4, reference: 0.2, target: 'ratio ≤ 2', met: true, trials: 3 },
      { referenceName: 'ip monitor', reference: 0.8, target: null },
    ]);
  });

  it('hold the slowest hundredth against two milliseconds', () => {
    expect(named('route removed: 99th percentile')).toMatchObject([{ target: '≤ 2 ms', met: true }]);
  });

  it('count what was missed, which no median shows', () => {
    expect(named('all of these: missed')).toMatchObject([{ ours: 1, reference: 0, met: false, trials: 4 }]);
  });

  it('ask nothing of the latencies of a loop that is busy', () => {
    const busy = toDirectRows(', loop half busy', direct).filter(({ name }) => !name.endsWith('missed'));
    expect(busy.map(({ met }) => met)).toEqual([null, null, null]);
  });

  it('leave the figure of a poller empty that cannot see the change at all', () => {
    expect(toIntervalRows(direct, [toSamples('polling', 'route removed', [undefined])])).toMatchObject([
      { ours: 0.4, reference: null, ratio: null },
    ]);
  });

  it('under pressure, tell latencies and misses apart', () => {
    const name = 'carrier lost for 150 ms, linkwatch busy';
    const rows = toPressureRows([
      toSamples(OURS, name, [30]),
      toSamples(OURS, name, [50]),
      toSamples(FLOOR, name, [undefined]),
    ]);
    expect(rows.filter((row) => row.name.startsWith(name))).toMatchObject([
      { name: `${name}: median`, ours: 40, reference: null },
      { name: `${name}: 99th percentile`, target: '≤ 100 ms', met: true },
      { name: `${name}: missed`, ours: 0, reference: 1, met: true, trials: 2 },
    ]);
  });
});

describe('a program that writes what it hears', () => {
  const BOUND = 10_000;
  const saying = (...lines: readonly string[]) =>
    new LineProgram('the program', ['sh', '-c', `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')}; cat`]);

  it('has said a word when it first did at or after the moment asked for', async () => {
    const program = saying('ready', 'down 5', 'up 7', 'down 9', 'down 11');
    await program.ready;
    expect(await program.said('down', 6n, BOUND)).toBe(9n);
    expect(await program.said('up', 0n, BOUND)).toBe(7n);
    await program.stop();
  });

  it('has not said what it does not say within the time', async () => {
    const program = saying('ready', 'up 7');
    await program.ready;
    expect(await program.said('down', 0n, 1)).toBeUndefined();
    await program.stop();
  });

  it('is not waited for when it has ended before it was ready', async () => {
    const program = new LineProgram('the program', ['sh', '-c', 'echo broken >&2']);
    await expect(program.ready).rejects.toThrow(/the program has ended: broken/);
  });
});
