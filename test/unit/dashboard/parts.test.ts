import { describe, expect, it } from 'vitest';
import { reconnectDelay } from '../../../src/dashboard/parts/live/backoff.js';
import { cellAfterKey, cellAt, layoutOf, visibleRange } from '../../../src/dashboard/parts/matrix/layout.js';
import { count, formatDuration, formatMilliseconds } from '../../../src/dashboard/parts/text/numbers.js';
import { formatExtra, formatValue } from '../../../src/dashboard/ring/format.js';
import { statusOf } from '../../../src/dashboard/ring/member-status.js';
import { member, NOW } from './ring-snapshot.js';

describe('the layout of a matrix', () => {
  const layout = (count: number, available: number, zoom = 1) =>
    layoutOf({ columns: count, rows: count, available, longestLabel: 80, line: 16, zoom });

  it.each([
    [3, 330],
    [20, 330],
    [20, 1_000],
    [200, 1_000],
    [200, 2_700],
  ])('fits %d columns into %d pixels', (count, available) => {
    expect(layout(count, available).width).toBeLessThanOrEqual(available);
  });

  it('has cells that can be told apart where not all fit, and larger ones where that is asked for', () => {
    expect(layout(200, 330).cellWidth).toBe(4);
    expect(layout(200, 1_000, 4).cellWidth).toBeGreaterThanOrEqual(4 * layout(200, 1_000).cellWidth);
  });

  it('knows the cell at a place, and none on names or beside', () => {
    const at = (x: number, y: number) => cellAt(layout(20, 1_000), 20, 20, x, y);
    const { gutterLeft, gutterTop, cellWidth, cellHeight } = layout(20, 1_000);
    expect(at(gutterLeft, gutterTop)).toEqual({ row: 0, column: 0 });
    expect(at(gutterLeft + 20 * cellWidth - 1, gutterTop + cellHeight)).toEqual({ row: 1, column: 19 });
    expect([at(gutterLeft - 1, gutterTop), at(gutterLeft, gutterTop - 1), at(1e6, gutterTop)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('knows what can be seen', () => {
    expect(visibleRange(0, 100, 10, 50)).toEqual([0, 10]);
    expect(visibleRange(15, 100, 10, 50)).toEqual([1, 12]);
    expect(visibleRange(450, 100, 10, 50)).toEqual([45, 50]);
    expect(visibleRange(0, -5, 10, 50)).toEqual([0, 0]);
  });

  it.each([
    ['ArrowRight', false, { row: 5, column: 6 }],
    ['ArrowUp', false, { row: 4, column: 5 }],
    ['PageDown', false, { row: 9, column: 5 }],
    ['Home', false, { row: 5, column: 0 }],
    ['Home', true, { row: 0, column: 0 }],
    ['End', true, { row: 9, column: 9 }],
    ['a', false, undefined],
    ['toString', false, undefined],
  ])('goes by %s (control: %s) to %j', (key, isFar, place) => {
    expect(cellAfterKey({ row: 5, column: 5 }, key, isFar, { rows: 10, columns: 10 })).toEqual(place);
  });
});

describe('numbers', () => {
  it.each([
    [0.234, '0.23 ms'],
    [9.96, '10 ms'],
    [12.3, '12 ms'],
    [99.6, '100 ms'],
    [1_234, '1.2 s'],
  ])('%d milliseconds are %s', (value, text) => {
    expect(formatMilliseconds(value)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [900, '1 s'],
    [59_400, '59 s'],
    [61_000, '1 min 1 s'],
    [660_000, '11 min'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [90_000_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('%d milliseconds last %s', (value, text) => {
    expect(formatDuration(value)).toBe(text);
  });

  it('of things have their noun', () => {
    expect([0, 1, 1_234].map((number) => count(number, 'hop'))).toEqual(['0 hops', '1 hop', '1,234 hops']);
    expect(count(2, 'stretch', 'stretches')).toBe('2 stretches');
  });

  it('have the unit of their check', () => {
    expect(formatValue({ type: 'bandwidth', value: 1_234 })).toBe('1.2 Gbit/s');
    expect(formatValue({ type: 'bandwidth', value: 415 })).toBe('415 Mbit/s');
    expect(formatValue({ type: 'traceroute', value: 1 })).toBe('1 hop');
    expect(formatValue({ type: 'tcp', value: undefined })).toBe('');
    expect(formatExtra({ type: 'ping', extra: 0.25 })).toBe('25 % lost');
    expect(formatExtra({ type: 'traceroute', extra: 30 })).toBe('slowest hop 30 ms');
  });
});

describe('a lost connection', () => {
  it('is tried again later and later, each by chance a little earlier', () => {
    expect([1, 2, 3, 4, 5, 6, 50].map((failures) => reconnectDelay(failures, 0))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
    ]);
    expect(reconnectDelay(1, 1)).toBe(250);
  });
});

describe('a member', () => {
  const outage = { id: 'a', location: 'a', from: NOW - 5, reason: 'no-carrier' };
  const registry = { version: '1', silent_after: 100_000, old_after: 180_000 };
  const status = (rest: Parameters<typeof member>[1], outages = [outage].slice(1), now = NOW) =>
    statusOf(member('a', rest), { outages, registry }, now).kind;

  it('is here, silent, offline itself, or has left', () => {
    expect(status({})).toBe('here');
    expect(status({}, [], NOW + 101_000)).toBe('silent');
    expect(status({}, [outage], NOW + 101_000)).toBe('offline');
    expect(status({}, [{ ...outage, id: 'b' }])).toBe('here');
    expect(status({ status: 'deregistered' }, [outage])).toBe('left');
  });

  it('may be silent for longer where the registry waits longer for it', () => {
    const state = { outages: [], registry: { ...registry, silent_after: 400_000 } };
    expect(statusOf(member('a'), state, NOW + 400_000).kind).toBe('here');
    expect(statusOf(member('a'), state, NOW + 400_001).kind).toBe('silent');
  });

  it('is no longer offline once its outage has ended', () => {
    expect(statusOf(member('a'), { outages: [{ ...outage, until: NOW }], registry }, NOW).kind).toBe('here');
  });
});
