import { describe, expect, it } from 'vitest';
import {
  isAllWell,
  isHeard,
  isUnreachable,
  toldOutage,
  verdictOn,
  wronglyBlamed,
} from '../../../../../src/cli/ring/demo/diagnosis.js';
import { ringViewOf } from '../../../../../src/cli/ring/demo/ring-view.js';
import { cutOffView, SITES, viewOf } from './views.js';

const SILENCE = 1_500;

describe('what the registry tells', () => {
  it('is read as members that are there, checks of now, and outages', () => {
    const members = {
      members: [
        { instance_id: 'aden', status: 'active', last_seen: 7 },
        { instance_id: 'bonn', status: 'deregistered', last_seen: 7 },
      ],
    };
    const checks = [
      { type: 'tcp', target: 'bonn', verdict: 'ok' },
      { type: 'traceroute', target: 'bonn', verdict: 'failed' },
    ];
    const outages = { outages: [{ id: 'bonn', location: 'bonn', from: 1, until: 2, reason: 'no-carrier' }] };
    expect(ringViewOf(9, members, { metrics: { aden: { checks }, bonn: { general: {} } } }, outages)).toEqual({
      at: 9,
      members: [{ id: 'aden', lastSeen: 7_000 }],
      checks: [{ source: 'aden', target: 'bonn', verdict: 'ok' }],
      outages: [{ id: 'bonn', from: 1, until: 2, reason: 'no-carrier' }],
    });
  });

  it('is refused where it is something else', () => {
    expect(() => ringViewOf(9, { error: 'too many requests' }, { metrics: {} }, { outages: [] })).toThrow('members');
  });
});

describe('the verdict on a pair', () => {
  it('is failed where any check has failed, however many are ok', () => {
    const view = viewOf(0, { 'aden bonn': 'failed' });
    const extended = { ...view, checks: [...view.checks, { source: 'aden', target: 'bonn', verdict: 'ok' as const }] };
    expect(verdictOn(extended, ['aden', 'bonn'], SILENCE)).toBe('failed');
    expect(verdictOn(extended, ['bonn', 'aden'], SILENCE)).toBe('ok');
  });

  it('is inconclusive where nobody says anything, and where nothing was heard of who said it', () => {
    expect(verdictOn({ ...viewOf(0), checks: [] }, ['aden', 'bonn'], SILENCE)).toBe('inconclusive');
    expect(verdictOn(cutOffView(2_000, 'aden', 400), ['aden', 'bonn'], SILENCE)).toBe('inconclusive');
    expect(verdictOn(cutOffView(2_000, 'aden', 500), ['aden', 'bonn'], SILENCE)).toBe('ok');
  });
});

describe('a ring', () => {
  it('is well when every pair is ok', () => {
    expect(isAllWell(viewOf(0), SITES, SILENCE)).toBe(true);
    expect(isAllWell(viewOf(0, { 'cork aden': 'inconclusive' }), SITES, SILENCE)).toBe(false);
  });

  it('has not heard of somebody who has not come', () => {
    expect(isHeard(viewOf(0, {}, { members: [] }), 'aden', SILENCE)).toBe(false);
  });

  it('says that a member cannot be reached when all others say so', () => {
    expect(isUnreachable(viewOf(0, { 'aden bonn': 'failed' }), 'bonn', SITES, SILENCE)).toBe(false);
    expect(isUnreachable(cutOffView(0, 'bonn', 0), 'bonn', SITES, SILENCE)).toBe(true);
  });

  it('blames wrongly who blames another than the one that is cut off, that one included', () => {
    expect(wronglyBlamed(cutOffView(9_000, 'bonn', 0), 'bonn', SITES)).toEqual([]);
    expect(wronglyBlamed(viewOf(0, { 'bonn aden': 'failed', 'cork aden': 'failed' }), 'bonn', SITES)).toEqual([
      ['bonn', 'aden'],
      ['cork', 'aden'],
    ]);
  });

  it('tells of an outage when it is over, and not of an earlier one', () => {
    const reason = 'no-carrier';
    const outages = [
      { id: 'bonn', from: 100, until: 200, reason },
      { id: 'aden', from: 500, until: 600, reason },
      { id: 'bonn', from: 500, reason },
    ];
    expect(toldOutage(viewOf(0, {}, { outages }), 'bonn', 300)).toBeUndefined();
    const ended = { id: 'bonn', from: 500, until: 700, reason };
    expect(toldOutage(viewOf(0, {}, { outages: [...outages, ended] }), 'bonn', 300)).toBe(ended);
  });
});
