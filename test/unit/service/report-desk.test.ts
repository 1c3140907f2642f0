import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ReportedOutcome } from '../../../src/service/protocol.js';
import { ReportDesk } from '../../../src/service/report-desk.js';
import { turn, watch } from '../retry/support.js';

const failed = (code = 'ECONNRESET'): ReportedOutcome => ({ ok: false, code });

let sent: { readonly report: number; readonly outcome: ReportedOutcome }[];
let silences: number;
let desk: ReportDesk;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  sent = [];
  silences = 0;
  desk = new ReportDesk(
    (report, outcome) => sent.push({ report, outcome }),
    () => {
      silences += 1;
    },
  );
});

afterEach(() => {
  desk.dismiss();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it('resolves when the other end has looked', async () => {
  const reporting = watch(desk.report(failed()));
  await turn();
  expect(sent).toEqual([{ report: 1, outcome: failed() }]);
  expect(reporting.state).toBe('pending');
  desk.answered(1);
  await turn();
  expect(reporting.state).toBe('resolved');
});

it('sends two for a thousand failures at once: the one under way, and one that was looked into after all of them', async () => {
  const reporting = Array.from({ length: 1_000 }, () => watch(desk.report(failed())));
  await turn();
  expect(sent).toHaveLength(1);
  desk.answered(1);
  await turn();
  expect(reporting.map(({ state }) => state).filter((state) => state === 'resolved')).toHaveLength(1);
  expect(sent).toHaveLength(2);
  desk.answered(2);
  await Promise.all(reporting.map(({ promise }) => promise));
  expect(sent).toHaveLength(2);
});

it('does not let one kind of outcome stand for another', async () => {
  void desk.report(failed('ECONNREFUSED'));
  void desk.report(failed('ETIMEDOUT'));
  void desk.report({ ok: false });
  void desk.report({ ok: true });
  expect(sent.map(({ outcome }) => outcome)).toEqual([
    failed('ECONNREFUSED'),
    failed('ETIMEDOUT'),
    { ok: false },
    { ok: true },
  ]);
});

it('begins anew after each answer', async () => {
  for (let report = 1; report <= 3; report += 1) {
    const reporting = desk.report(failed());
    desk.answered(report);
    await reporting;
  }
  expect(sent.map(({ report }) => report)).toEqual([1, 2, 3]);
});

it('gives up on an end that does not answer, says so, and waits for it again only once it is heard', async () => {
  const first = watch(desk.report(failed()));
  const second = watch(desk.report(failed()));
  await vi.advanceTimersByTimeAsync(29_999);
  expect([first.state, second.state, silences]).toEqual(['pending', 'pending', 0]);
  await vi.advanceTimersByTimeAsync(1);
  await turn();
  expect([first.state, second.state, silences]).toEqual(['resolved', 'resolved', 1]);
  await desk.report(failed());
  // It is told nevertheless: it may only be slow.
  expect(sent).toHaveLength(3);

  desk.heard();
  const third = watch(desk.report(failed()));
  await turn();
  expect(third.state).toBe('pending');
});

it('lets everybody go when the other end is gone', async () => {
  const reporting = [watch(desk.report(failed())), watch(desk.report(failed())), watch(desk.report(failed('EPIPE')))];
  desk.dismiss();
  await turn();
  expect(reporting.map(({ state }) => state)).toEqual(['resolved', 'resolved', 'resolved']);
  expect(silences).toBe(0);
});

it('keeps the process alive while somebody waits, and no longer', async () => {
  const reporting = desk.report(failed());
  // The time limit, and what holds the process.
  expect(vi.getTimerCount()).toBe(2);
  desk.answered(1);
  await reporting;
  expect(vi.getTimerCount()).toBe(0);
});
