import { describe, expect, it } from 'vitest';
import { emptyModel, type Model, update } from '../../../src/cli/watch/model.js';
import type { WatchEvent } from '../../../src/cli/watch/watch-event.js';
import { anInterface, aSample, at, change, check, link } from './watch-fixtures.js';

describe('the state', () => {
  it('is that of the last change, since that change', () => {
    const model = run([change(1_000, 'unknown', 'up', 'reachable'), change(5_000, 'up', 'down', 'no-carrier')]);
    expect(model).toMatchObject({ state: 'down', reason: 'no-carrier', since: { clock: 5_000 } });
  });

  it('keeps its beginning when only the reason changes', () => {
    const model = run([change(1_000, 'up', 'down', 'no-carrier'), change(2_000, 'down', 'down', 'no-route')]);
    expect(model).toMatchObject({ state: 'down', reason: 'no-route', since: { clock: 1_000 } });
    expect(model.timeline).toHaveLength(2);
  });

  it('is taken from a sample where no change has told it', () => {
    const model = run([aSample(1_000, { state: 'degraded', reason: 'unverified' })]);
    expect(model).toMatchObject({ state: 'degraded', reason: 'unverified' });
    expect(model.timeline.at(-1)).toEqual({ from: 1_000, state: 'degraded' });
  });
});

describe('the timeline', () => {
  it('has a span for every state', () => {
    const model = run([change(1_000, 'unknown', 'up', 'path'), change(2_000, 'up', 'down', 'no-carrier')]);
    expect(model.timeline).toEqual([
      { from: 0, state: 'unknown' },
      { from: 1_000, state: 'up' },
      { from: 2_000, state: 'down' },
    ]);
  });

  it('forgets what ended more than half an hour ago, and keeps the state in which that half hour began', () => {
    const model = run([
      change(1_000, 'unknown', 'up', 'path'),
      change(2_000, 'up', 'down', 'no-carrier'),
      change(3_000_000, 'down', 'up', 'path'),
    ]);
    expect(model.timeline).toEqual([
      { from: 2_000, state: 'down' },
      { from: 3_000_000, state: 'up' },
    ]);
  });

  it('does not grow with a network that flaps for ever', () => {
    let model = emptyModel(at(0));
    for (let clock = 1_000; clock < 4_000_000; clock += 1_000) {
      model = update(
        model,
        clock % 2_000 === 0 ? change(clock, 'down', 'up', 'path') : change(clock, 'up', 'down', 'no-route'),
      );
    }
    expect(model.timeline.length).toBeLessThan(1_900);
    expect(model.log).toHaveLength(500);
  });
});

describe('the rates', () => {
  it('are bytes per second from one sample to the next', () => {
    const model = run([
      aSample(1_000, { interfaces: [anInterface('eth0', { rxBytes: 1_000, txBytes: 500 })] }),
      aSample(3_000, { interfaces: [anInterface('eth0', { rxBytes: 5_000, txBytes: 700 })] }),
    ]);
    expect(model.rates.get('eth0')).toEqual({ received: 2_000, sent: 100 });
  });

  it('are unknown of an interface that was not there before, or is another one of the same name', () => {
    const model = run([
      aSample(1_000, { interfaces: [anInterface('eth0', { rxBytes: 1_000, txBytes: 500 })] }),
      aSample(2_000, {
        interfaces: [{ ...anInterface('eth0', { rxBytes: 9_000, txBytes: 500 }), index: 77 }, anInterface('eth1')],
      }),
    ]);
    expect([...model.rates]).toEqual([]);
  });

  it('are never negative', () => {
    const model = run([
      aSample(1_000, { interfaces: [anInterface('eth0', { rxBytes: 1_000, txBytes: 500 })] }),
      aSample(2_000, { interfaces: [anInterface('eth0', { rxBytes: 0, txBytes: 0 })] }),
    ]);
    expect(model.rates.get('eth0')).toEqual({ received: 0, sent: 0 });
  });
});

describe('the log', () => {
  it('holds what is news, and of checks only those that end otherwise than before', () => {
    const model = run([
      check(1_000, '192.0.2.1', 'answers'),
      check(2_000, '192.0.2.1', 'answers'),
      check(3_000, '192.0.2.1', 'silent'),
      check(4_000, '192.0.2.1', 'silent'),
      check(5_000, '192.0.2.1', 'answers'),
      link(6_000, 'eth0'),
      { ...at(7_000), kind: 'error', message: 'ENOBUFS' },
      aSample(8_000),
    ]);
    expect(model.log.map(({ kind, clock }) => [kind, clock])).toEqual([
      ['check', 1_000],
      ['check', 3_000],
      ['check', 5_000],
      ['link', 6_000],
      ['error', 7_000],
    ]);
  });
});

function run(events: readonly WatchEvent[]): Model {
  return events.reduce(update, emptyModel(at(0)));
}
