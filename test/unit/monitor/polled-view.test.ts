import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KernelView } from '../../../src/monitor/kernel-view.js';
import { openPolledView, type Reading } from '../../../src/monitor/polled-view.js';

const INTERVAL = 1_000;

/** When each look began, in milliseconds since the view was opened. */
let looks: number[];
/** Milliseconds that a look takes. */
let effort: number;
let fingerprint: string;
let heard: string[];
let view: KernelView;

beforeEach(() => {
  vi.useFakeTimers();
  looks = [];
  effort = 0;
  fingerprint = 'first';
  heard = [];
  const openedAt = performance.now();
  const read = (): Reading => {
    looks.push(performance.now() - openedAt);
    vi.advanceTimersByTime(effort);
    return { links: new Map(), addresses: [], fingerprint };
  };
  view = openPolledView(
    { source: 'interfaces', read, readLink: read, lookup: () => ({ kind: 'unanswered' }), interfaces: () => [] },
    { links: new Map(), addresses: [], fingerprint },
    INTERVAL,
    {
      onChange: () => {
        heard.push(fingerprint);
        if (fingerprint === 'last') view.close();
      },
      onError: () => {},
    },
  );
});

afterEach(() => {
  view.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a view that has to look for changes', () => {
  it('looks at its interval, for as long as that takes little time', () => {
    effort = 50;
    vi.advanceTimersByTime(4_000);
    expect(looks.slice(0, 3)).toEqual([1_000, 2_050, 3_100]);
  });

  it('spends no more than a twentieth of the time on looking', () => {
    effort = 100;
    vi.advanceTimersByTime(6_000);
    expect(looks.slice(0, 3)).toEqual([1_000, 3_100, 5_200]);
  });

  it('looks again in ten seconds even when the process stood still during a look', () => {
    effort = 60_000;
    vi.advanceTimersByTime(1_000);
    effort = 0;
    vi.advanceTimersByTime(10_000);
    expect(looks).toEqual([1_000, 71_000]);
  });

  it('looks at once when it is told to, and again at its interval', () => {
    fingerprint = 'second';
    view.refresh();
    view.refreshLink(1);
    expect(looks).toEqual([0, 0]);
    expect(heard).toEqual(['second']);
    vi.advanceTimersByTime(INTERVAL);
    expect(looks).toEqual([0, 0, INTERVAL]);
  });

  it('looks no more once it is closed, by its listener too', () => {
    fingerprint = 'last';
    vi.advanceTimersByTime(10_000);
    expect(looks).toEqual([INTERVAL]);
    expect(heard).toEqual(['last']);
  });

  it('does not hear of what is watched, since it finds every change', () => {
    view.watchDestinations(['192.0.2.1']);
    expect(looks).toEqual([]);
  });
});
