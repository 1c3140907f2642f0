import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WorkGroups } from '../../../src/service/work-groups.js';

let told: string[];
let work: WorkGroups;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  work = new WorkGroups({
    begin: (group) => told.push(`begin ${group}`),
    end: (group) => told.push(`end ${group}`),
  });
});

afterEach(() => {
  vi.useRealTimers();
});

it('tells once of a thousand pieces of work that begin and end within a moment', () => {
  for (let count = 0; count < 1_000; count += 1) work.add(() => {})();
  expect(told).toEqual(['begin 1']);
  vi.advanceTimersByTime(100);
  expect(told).toEqual(['begin 1', 'end 1']);
  expect(work.busy).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

it('ends a group with the last of its work, however long that takes', () => {
  const first = work.add(() => {});
  const second = work.add(() => {});
  vi.advanceTimersByTime(5_000);
  first();
  expect(told).toEqual(['begin 1']);
  second();
  second();
  expect(told).toEqual(['begin 1', 'end 1']);
});

it('puts what begins later into another group', () => {
  work.add(() => {});
  vi.advanceTimersByTime(100);
  work.add(() => {});
  expect(told).toEqual(['begin 1', 'begin 2']);
});

it('puts what begins after a turn of events into another group, at once', () => {
  work.add(() => {});
  work.turn();
  work.add(() => {});
  expect(told).toEqual(['begin 1', 'begin 2']);
});

it('calls all work of a stranded group, each piece once, and no other', () => {
  const stranded = vi.fn();
  const other = vi.fn();
  work.add(stranded);
  const release = work.add(stranded);
  work.turn();
  work.add(other);
  work.strand(1, 'no-address');
  work.strand(1, 'no-address');
  expect(stranded.mock.calls).toEqual([['no-address'], ['no-address']]);
  expect(other).not.toHaveBeenCalled();
  expect(told).toEqual(['begin 1', 'begin 2', 'end 1']);
  release();
  expect(told).toHaveLength(3);
});

it('does not add to a group that was stranded', () => {
  work.add(() => {});
  work.strand(1, 'no-address');
  const later = vi.fn();
  work.add(later);
  work.strand(1, 'no-address');
  expect(later).not.toHaveBeenCalled();
});

it('goes on where a listener throws', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const second = vi.fn();
  work.add(() => {
    throw new Error('bug');
  });
  work.add(second);
  work.strand(1, 'link-down');
  expect(second).toHaveBeenCalledOnce();
  expect(warned).toHaveBeenCalledOnce();
  warned.mockRestore();
});

it('tells an end that knows nothing of all groups that live', () => {
  work.add(() => {});
  work.turn();
  work.add(() => {});
  told.length = 0;
  work.retell();
  expect(told).toEqual(['begin 1', 'begin 2']);
});
