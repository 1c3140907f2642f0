import { beforeEach, describe, expect, it } from 'vitest';
import type { NetworkReason, NetworkState } from '../../../src/monitor/index.js';
import { OutageClock } from '../../../src/observe/outage-clock.js';

let clock: OutageClock;

beforeEach(() => {
  clock = new OutageClock();
});

function check(now: number, host: string, result: 'answered' | 'silent', duration: number): void {
  clock.noteCheck({ host, port: 53, reachable: result === 'answered', duration }, now);
}

function linkEvent(now: number, name: string, state: 'up' | 'down'): void {
  const up = state === 'up';
  clock.noteLink(
    { change: 'changed', interface: name, index: 2, up, carrier: up, operState: state, flapped: false },
    now,
  );
}

function change(now: number, from: NetworkState, to: NetworkState, reason: NetworkReason, name?: string) {
  return clock.noteChange({ from, to, reason, at: 0, checks: [], ...(name && { interface: name }) }, now);
}

describe('the detection of an outage', () => {
  it('is measured from the start of the first check that failed', () => {
    check(10, 'a', 'answered', 10);
    check(13_000, 'a', 'silent', 3_000);
    check(16_000, 'a', 'silent', 3_000);
    expect(change(16_000, 'up', 'down', 'unreachable')).toEqual({
      kind: 'begin',
      reason: 'unreachable',
      detection: 6_000,
    });
  });

  it('does not count from before the last answer', () => {
    check(3_000, 'a', 'silent', 3_000);
    check(9_010, 'b', 'answered', 10);
    check(10_000, 'c', 'silent', 3_000);
    expect(change(12_000, 'up', 'down', 'unreachable')).toMatchObject({ detection: 12_000 - 9_010 });
  });

  it('is not begun by a check that never succeeds', () => {
    check(3_000, 'dead', 'silent', 3_000);
    check(3_010, 'a', 'answered', 10);
    check(13_000, 'dead', 'silent', 3_000);
    check(20_000, 'a', 'silent', 3_000);
    expect(change(20_000, 'up', 'down', 'unreachable')).toMatchObject({ detection: 3_000 });
  });

  it('is unknown where the kernel told of the outage', () => {
    check(3_000, 'a', 'silent', 3_000);
    expect(change(4_000, 'up', 'down', 'no-carrier')).toEqual({
      kind: 'begin',
      reason: 'no-carrier',
      detection: undefined,
    });
  });
});

describe('an outage', () => {
  it('lasts from the state down to any other, and has the reason that it began with', () => {
    change(1_000, 'up', 'down', 'no-carrier');
    expect(change(2_000, 'down', 'down', 'unreachable')).toBeUndefined();
    expect(change(5_000, 'down', 'degraded', 'unverified')).toMatchObject({
      kind: 'end',
      reason: 'no-carrier',
      duration: 4_000,
    });
    expect(clock.endedAt).toBe(5_000);
  });

  it('has no known end where the monitor is stopped', () => {
    change(1_000, 'up', 'down', 'no-carrier');
    expect(change(2_000, 'down', 'unknown', 'stopped')).toBeUndefined();
    expect(clock.endedAt).toBe(Number.NEGATIVE_INFINITY);
  });

  it('that nobody saw begin has no length', () => {
    expect(change(5_000, 'down', 'up', 'reachable')).toBeUndefined();
  });
});

describe('the recovery', () => {
  it('is measured from when the interface is up again', () => {
    change(1_000, 'up', 'down', 'no-carrier', 'eth0');
    linkEvent(2_000, 'eth1', 'up');
    linkEvent(4_000, 'eth0', 'up');
    check(4_300, 'a', 'answered', 20);
    expect(change(4_300, 'down', 'up', 'reachable')).toMatchObject({ recovery: 300 });
  });

  it('begins anew where the interface is lost again meanwhile', () => {
    change(1_000, 'up', 'down', 'no-carrier', 'eth0');
    linkEvent(2_000, 'eth0', 'up');
    linkEvent(3_000, 'eth0', 'down');
    linkEvent(6_000, 'eth0', 'up');
    expect(change(6_050, 'down', 'up', 'reachable')).toMatchObject({ reason: 'no-carrier', recovery: 50 });
  });

  it('is measured from when the kernel has a path again', () => {
    change(1_000, 'up', 'down', 'no-route');
    change(2_000, 'down', 'down', 'unreachable');
    change(3_000, 'down', 'down', 'no-route');
    change(4_000, 'down', 'down', 'unreachable');
    check(4_300, 'a', 'answered', 20);
    expect(change(4_300, 'down', 'up', 'reachable')).toMatchObject({ recovery: 300 });
  });

  it('is measured from the start of the first check that was answered where there was no other sign', () => {
    change(1_000, 'up', 'down', 'unreachable');
    check(9_040, 'a', 'answered', 40);
    expect(change(9_040, 'down', 'up', 'reachable')).toMatchObject({ recovery: 40 });
  });

  it('takes no time where the kernel has a path again and nothing else is needed', () => {
    change(1_000, 'up', 'down', 'no-route');
    expect(change(2_000, 'down', 'up', 'path')).toMatchObject({ recovery: 0 });
  });

  it('is unknown where work got through and no check did', () => {
    check(500, 'a', 'answered', 40);
    change(1_000, 'up', 'down', 'unreachable');
    expect(change(9_000, 'down', 'degraded', 'checks-disagree')).toMatchObject({ recovery: undefined });
  });
});
