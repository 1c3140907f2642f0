import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JsonLines } from '../../../src/cli/watch/json-lines.js';
import { emptyModel, update } from '../../../src/cli/watch/model.js';
import { PlainLines } from '../../../src/cli/watch/plain-lines.js';
import type { Presenter } from '../../../src/cli/watch/presenter.js';
import type { WatchEvent } from '../../../src/cli/watch/watch-event.js';
import { aSample, at, change, check } from './watch-fixtures.js';

let lines: string[];

beforeEach(() => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text).trimEnd());
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('lines for people', () => {
  it('tell a change of state from another reason for the same one', () => {
    show(new PlainLines(), [change(1_000, 'up', 'down', 'no-carrier'), change(2_000, 'down', 'down', 'no-route')]);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'network state changed from=up to=down reason=no-carrier interface=eth0',
      'network is still down reason=no-route interface=eth0',
    ]);
  });
});

describe('lines for programs', () => {
  it('begin with the snapshot, whatever happened before it was taken', () => {
    show(new JsonLines(), [
      check(1_000, '192.0.2.53', 'answers'),
      change(1_000, 'unknown', 'up', 'reachable'),
      aSample(2_000),
      aSample(3_000),
      change(4_000, 'up', 'down', 'no-carrier'),
    ]);
    expect(records().map(({ event }) => event)).toEqual(['snapshot', 'check', 'state', 'state']);
  });

  it('have every moment in ISO 8601', () => {
    show(new JsonLines(), [aSample(2_000)]);
    expect(records()).toEqual([
      expect.objectContaining({ time: new Date(at(2_000).at).toISOString(), since: '1970-01-01T00:00:00.000Z' }),
    ]);
  });

  it('say what was wrong where there never was a snapshot', () => {
    const presenter = new JsonLines();
    show(presenter, [{ ...at(1_000), kind: 'error', message: 'ENOBUFS' }]);
    expect(lines).toEqual([]);
    presenter.close();
    presenter.close();
    expect(records()).toEqual([expect.objectContaining({ event: 'error', message: 'ENOBUFS' })]);
  });
});

function show(presenter: Presenter, events: readonly WatchEvent[]): void {
  let model = emptyModel(at(0));
  for (const event of events) {
    model = update(model, event);
    presenter.show(event, model);
  }
}

function records(): readonly Readonly<Record<string, unknown>>[] {
  return lines.map((line) => JSON.parse(line));
}
