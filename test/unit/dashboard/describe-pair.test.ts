import { expect, it } from 'vitest';
import { describePair } from '../../../src/dashboard/ring/describe-pair.js';
import { loaded } from '../../../src/dashboard/ring/model.js';
import { member, NOW, snapshot } from './ring-snapshot.js';

const MINUTE = 60_000;
const LATER = NOW + 3 * MINUTE;

function pair(rest: Parameters<typeof snapshot>[0] = {}, now = NOW): string {
  return describePair({ state: loaded(snapshot(rest)), source: 'a', target: 'b', now });
}

it('says of a pair what was found, and nothing else where both are there', () => {
  expect(pair()).toBe('From a to b: TCP ok 10 ms, Bandwidth failed path: timeout');
});

it('says of which of both nothing was heard, and for how long', () => {
  const members = [member('a', { last_seen: LATER / 1_000 }), member('b')];
  expect(pair({ members }, LATER)).toMatch(/timeout\. Nothing has been heard of the target for 3 min$/);
});

it('says which of both was offline itself, and for how long', () => {
  const outages = [{ id: 'a', location: 'a', from: NOW - MINUTE, reason: 'no-carrier' }];
  expect(pair({ outages })).toMatch(/timeout\. The source itself has been offline for 1 min \(no-carrier\)$/);
});

it('says that what it tells was reported long ago', () => {
  const members = ['a', 'b'].map((id) => member(id, { last_seen: (LATER + 1_000) / 1_000 }));
  expect(pair({ members }, LATER + 1_000)).toMatch(/timeout\. The source last reported 3 min 1 s ago$/);
});
