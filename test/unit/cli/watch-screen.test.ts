import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appearanceFor } from '../../../src/cli/text/appearance.js';
import { columnsOf } from '../../../src/cli/text/fit.js';
import { layOut } from '../../../src/cli/watch/layout.js';
import { emptyModel, type Model, update } from '../../../src/cli/watch/model.js';
import { renderScreen } from '../../../src/cli/watch/render-screen.js';
import { cellStates, ruler, windowOf } from '../../../src/cli/watch/timeline.js';
import type { WatchEvent } from '../../../src/cli/watch/watch-event.js';
import { aDestination, anInterface, aResult, aSample, at, change, check, link } from './watch-fixtures.js';

const PLAIN = appearanceFor({ isTerminal: false, env: { LANG: 'C.UTF-8' } });

const LOOPBACK = { ...anInterface('lo'), flags: ['LOOPBACK', 'UP', 'LOWER_UP'], addresses: [] };
const UNPLUGGED = { ...anInterface('wlan0'), carrier: false, operState: 'down', addresses: [] } as const;

const OUTAGE: readonly WatchEvent[] = [
  check(1_000, '192.0.2.53', 'answers'),
  change(1_000, 'unknown', 'up', 'reachable'),
  aSample(1_000, { interfaces: [LOOPBACK, UNPLUGGED, anInterface('eth0')] }),
  change(250_000, 'up', 'down', 'no-carrier'),
  link(251_000, 'eth0'),
  change(280_000, 'down', 'up', 'reachable'),
  aSample(299_000, { interfaces: [anInterface('eth0')] }),
  aSample(300_000, {
    interfaces: [LOOPBACK, UNPLUGGED, anInterface('eth0', { rxBytes: 12_340, txBytes: 99 })],
    hosts: [aDestination('192.0.2.53'), aDestination('203.0.113.9', { kind: 'closed', reason: 'no-route' })],
    destinations: [aDestination('sftp.example.com:22')],
    checks: [aResult('192.0.2.53', 'answers'), aResult('203.0.113.9', 'silent'), aResult('203.0.113.9', 'silent', 443)],
  }),
];

describe('the screen', () => {
  it('shows, in 80 columns and 24 rows, everything that is known', () => {
    expect(render(OUTAGE, 80, 24)).toEqual([
      '█ UP reachable, for 20 s                                       netpause 12:05:00',
      'everything that was asked answers; out by eth0 via 192.0.2.1 from 192.0.2.2',
      'Interfaces',
      '● eth0   192.0.2.2/24                                      ↓  12 kB/s ↑   99 B/s',
      '○ wlan0  no carrier',
      '● lo',
      'Check hosts',
      '  192.0.2.53   eth0 via 192.0.2.1  ✓ 53 12 ms',
      '  203.0.113.9  no-route            ✗ 53 ETIMEDOUT  ✗ 443 ETIMEDOUT',
      'Destinations',
      '  sftp.example.com:22  up (reachable)  eth0 via 192.0.2.1',
      'Timeline   █ up  ▄ degraded  _ down  · unknown',
      '                  ██████████████████████████████████████████████████______████',
      '      |−6 min     |−5 min     |−4 min     |−3 min     |−2 min     |−1 min  now',
      'Events',
      '  12:04:40  down → up (reachable) on eth0',
      '  12:04:11  eth0 is up',
      '  12:04:10  up → down (no-carrier) on eth0',
      '  12:00:01  unknown → up (reachable) on eth0',
      '  12:00:01  192.0.2.53 answers on port 53',
      '',
      '',
      '',
      'q quit',
    ]);
  });

  it('has empty lines between its parts where there is room for them', () => {
    const lines = render(OUTAGE, 200, 50);
    expect(lines.filter((line) => line === 'Interfaces')).toHaveLength(1);
    expect(lines[lines.indexOf('Interfaces') - 1]).toBe('');
    expect(lines).toHaveLength(50);
  });

  it('says how much it leaves out where there is too little room', () => {
    const interfaces = Array.from({ length: 40 }, (_, index) => anInterface(`veth${index}`));
    const lines = render([aSample(1_000, { interfaces })], 80, 24);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}… and \d+ more$/));
    expect(lines).toContain('Events');
  });

  it('puts the way out first and the loopback last', () => {
    const names = render(OUTAGE, 80, 24).flatMap((line) => /^[●○] (\w+)/.exec(line)?.[1] ?? []);
    expect(names).toEqual(['eth0', 'wlan0', 'lo']);
  });

  it('says when the kernel does not tell of changes by itself', () => {
    const [event] = [aSample(1_000)];
    if (event?.kind !== 'sample') throw new Error('no sample');
    const snapshot = { ...event.sample.snapshot, source: 'proc', sourceReason: 'koffi could not be loaded' } as const;
    const lines = render([{ ...event, sample: { ...event.sample, snapshot } }], 80, 24);
    expect(lines[2]).toContain('polled: proc');
    expect(lines[2]).toContain('koffi could not be loaded');
  });

  it('cannot be led astray by the name of an interface', () => {
    const lines = render([aSample(1_000, { interfaces: [anInterface('\u001b[2Jx')] })], 80, 24);
    expect(lines.join('')).not.toContain('\u001b');
  });

  it('fits any terminal, whatever it has to show', () => {
    const coloured = appearanceFor({ isTerminal: true, env: {} });
    fc.assert(
      fc.property(
        fc.subarray([...OUTAGE]),
        fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 10 }),
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 1, max: 80 }),
        (events, names, columns, rows) => {
          const interfaces = names.map((name) => anInterface(name));
          const model = modelOf([...events, aSample(400_000, { interfaces })]);
          const lines = renderScreen(model, { columns, rows, now: at(401_000), appearance: coloured });
          expect(lines.length).toBeLessThanOrEqual(rows);
          for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

describe('the timeline', () => {
  it('spans five minutes or somewhat more, whatever the width', () => {
    for (let cells = 5; cells < 400; cells += 1) {
      const { cell } = windowOf(cells, 0);
      expect(cells * cell).toBeGreaterThanOrEqual(300_000);
    }
  });

  it('shows the worst state of each cell, so that no outage is too short to be seen', () => {
    const timeline = [
      { from: 0, state: 'up' },
      { from: 15_100, state: 'down' },
      { from: 15_101, state: 'up' },
    ] as const;
    expect(cellStates(timeline, { cells: 5, cell: 10_000, end: 30_000 })).toEqual([
      undefined,
      undefined,
      'up',
      'down',
      'up',
    ]);
  });

  it('does not count what was before the first verdict where there is one', () => {
    const timeline = [
      { from: 0, state: 'unknown' },
      { from: 12_000, state: 'up' },
      { from: 25_000, state: 'unknown' },
    ] as const;
    expect(cellStates(timeline, { cells: 3, cell: 10_000, end: 30_000 })).toEqual(['unknown', 'up', 'unknown']);
  });

  it('does not shimmer: what has been shown of a cell that is past stays', () => {
    const timeline = [
      { from: 0, state: 'up' },
      { from: 123_456, state: 'down' },
      { from: 130_000, state: 'up' },
    ] as const;
    const early = cellStates(timeline, windowOf(76, 200_001));
    const late = cellStates(timeline, windowOf(76, 204_999));
    expect(late).toEqual(early);
  });

  it('has a mark for each full minute', () => {
    expect(ruler({ cells: 30, cell: 10_000, end: 0 }, '-')).toBe('|-5 min     |-3 min        now');
  });
});

describe('the layout', () => {
  const options = { title: (text: string) => text, more: (count: number) => `${count} more` };

  it('gives everybody a minimum, and the rest to the one that takes it', () => {
    const sections = [
      { title: 'A', lines: ['1', '2', '3'], atLeast: 2 },
      { title: 'B', lines: ['x', 'y', 'z', 'w'], atLeast: 1, takesRest: true },
    ];
    expect(layOut(sections, { ...options, rows: 5 })).toEqual(['A', '1', '2 more', 'B', 'x']);
    expect(layOut(sections, { ...options, rows: 8 })).toEqual(['A', '1', '2', '3', '', 'B', 'x', 'y']);
  });

  it('leaves out a section that has nothing to show', () => {
    expect(layOut([{ title: 'A', lines: [], atLeast: 2 }], { ...options, rows: 2 })).toEqual(['', '']);
  });
});

function modelOf(events: readonly WatchEvent[]): Model {
  return events.reduce(update, emptyModel(at(0)));
}

function render(events: readonly WatchEvent[], columns: number, rows: number): readonly string[] {
  const lines = renderScreen(modelOf(events), { columns, rows, now: at(300_000), appearance: PLAIN });
  return lines.map((line) => line.trimEnd());
}
