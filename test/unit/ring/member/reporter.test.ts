import { afterEach, expect, it, vi } from 'vitest';
import { OutageLog } from '../../../../src/ring/member/outage-log.js';
import { ReportQueue } from '../../../../src/ring/member/report-queue.js';
import { Reporter } from '../../../../src/ring/member/reporter.js';
import { ResultBoard } from '../../../../src/ring/member/result-board.js';

afterEach(() => {
  vi.useRealTimers();
});

it('makes reports that look newer than those before them, also where the clock was set back', () => {
  vi.useFakeTimers({ now: 3_600_000 });
  const taken: (number | undefined)[] = [];
  const queue = new ReportQueue(() => {});
  const reporter = new Reporter({
    board: new ResultBoard(),
    outages: new OutageLog(),
    queue,
    room: () => 1_000_000,
    groups: () => undefined,
    onReport: () => taken.push(queue.next()?.takenAt),
  });
  for (const now of [3_600_000, 3_570_000, 3_580_000, 3_600_500]) {
    vi.setSystemTime(now);
    reporter.report();
  }
  expect(taken).toEqual([3_600_000, 3_600_001, 3_600_002, 3_600_500]);
});
