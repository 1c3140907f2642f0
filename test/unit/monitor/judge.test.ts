import { describe, expect, it } from 'vitest';
import { type Evidence, type HostEvidence, judge } from '../../../src/monitor/judge.js';
import type { Verdict } from '../../../src/state/index.js';

const open: Evidence['path'] = { kind: 'open', chosenBy: 'kernel', egress: { ifIndex: 2, interface: 'eth0' } };
const unknown: Verdict = { state: 'unknown', reason: 'not-judged' };
const up: Verdict = { state: 'up', reason: 'reachable', interface: 'eth0' };
const down: Verdict = { state: 'down', reason: 'no-carrier', interface: 'eth0' };

const host = (standing: HostEvidence['standing'], armed: 'armed' | 'unarmed'): HostEvidence => ({
  standing,
  armed: armed === 'armed',
});
const of = (evidence: Partial<Evidence>) =>
  judge({ path: open, hosts: [], silenceConfirmed: false, overruled: false, previous: up, ...evidence });

describe('judge', () => {
  it('is down as soon as the kernel knows no path, whatever the check hosts said', () => {
    const path = { kind: 'closed', reason: 'no-carrier', interface: 'eth0' } as const;
    expect(of({ path, hosts: [host('reachable', 'armed')] })).toEqual(down);
  });

  it('is degraded, and pauses nothing, where there never was a path and nothing is broken', () => {
    expect(of({ path: { kind: 'unproven' } })).toEqual({ state: 'degraded', reason: 'unverified' });
  });

  it('is up by the path alone where there are no check hosts', () => {
    expect(of({})).toEqual({ state: 'up', reason: 'path', interface: 'eth0' });
  });

  it('is up when every check host answers, and degraded when some do not', () => {
    expect(of({ hosts: [host('reachable', 'armed'), host('reachable', 'armed')] }).state).toBe('up');
    expect(of({ hosts: [host('reachable', 'armed'), host('silent', 'armed')] })).toMatchObject({
      state: 'degraded',
      reason: 'partly-unreachable',
    });
  });

  it('is up at the first answer, without waiting for the slower hosts', () => {
    expect(of({ previous: down, hosts: [host('reachable', 'armed'), host('pending', 'armed')] }).state).toBe('up');
  });

  describe('when every check host is silent', () => {
    const silent = [host('silent', 'armed'), host('silent', 'unarmed')];

    it('is down once that is confirmed', () => {
      expect(of({ hosts: silent, silenceConfirmed: true })).toMatchObject({ state: 'down', reason: 'unreachable' });
    });

    it('stays what it was until then', () => {
      expect(of({ hosts: silent })).toEqual(up);
      expect(of({ hosts: silent, previous: unknown })).toEqual(unknown);
    });

    it('needs no confirmation to stay down for another reason', () => {
      expect(of({ hosts: silent, previous: down })).toMatchObject({ state: 'down', reason: 'unreachable' });
    });

    it('is only degraded when none of them has ever answered on this network', () => {
      const unarmed = [host('silent', 'unarmed')];
      for (const previous of [unknown, up, down]) {
        expect(of({ hosts: unarmed, silenceConfirmed: true, previous })).toMatchObject({
          state: 'degraded',
          reason: 'unverified',
        });
      }
    });
  });

  describe('when the path is new and nothing has been heard on it', () => {
    it('stays down until an armed host answers', () => {
      expect(of({ previous: down, hosts: [host('pending', 'armed')] })).toEqual(down);
    });

    it('releases at once when no host is armed on this network', () => {
      expect(of({ previous: down, hosts: [host('pending', 'unarmed')] })).toMatchObject({
        state: 'degraded',
        reason: 'unverified',
      });
    });

    it('says nothing new while nothing is paused', () => {
      expect(of({ previous: unknown, hosts: [host('pending', 'unarmed')] }).state).toBe('unknown');
      expect(of({ previous: up, hosts: [host('pending', 'unarmed')] })).toEqual(up);
    });
  });

  it('believes work that got through more than checks and routes that say down', () => {
    const path = { kind: 'closed', reason: 'no-route' } as const;
    expect(of({ path, overruled: true })).toMatchObject({ state: 'degraded', reason: 'checks-disagree' });
    expect(of({ hosts: [host('silent', 'armed')], silenceConfirmed: true, overruled: true })).toMatchObject({
      state: 'degraded',
      reason: 'checks-disagree',
    });
    expect(of({ hosts: [host('reachable', 'armed')], overruled: true }).state).toBe('up');
  });
});
