import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { type Chromium, hasChromium, startChromium } from '../../test/browser/chromium.js';
import { membersOf, SimulatedRing } from '../../test/browser/simulated-ring.js';
import { runCommand } from '../../test/lab/command.js';
import { type Part, PartUnavailableError, type Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import { CHECKOUT } from '../stage/checkout.js';
import { framesDuring } from './frames.js';
import { openTable } from './table-page.js';

/** How smooth the dashboard of a ring is while its members report. */
export const dashboard: Part = {
  name: 'dashboard',
  title: 'The dashboard of a ring while all members report',
  async run({ scale, say }) {
    if (!(await hasChromium())) throw new PartUnavailableError('there is no /usr/bin/chromium');
    await runCommand(['node', join(CHECKOUT, 'build/dashboard.mjs')]);
    await using chromium = await startChromium();
    const rows: Row[] = [];
    for (const load of LOADS[scale]) {
      say(`${load.name}`);
      rows.push(...rowsOf(load, await measure(chromium, load, TURNS[scale])));
    }
    return rows;
  },
};

/** Members, and how often each of them reports. */
interface Load {
  readonly name: string;
  readonly members: number;
  /** Milliseconds from one report to the next, of whichever member. */
  readonly pause: number;
}

const FULL: readonly Load[] = [
  { name: '200 members, each reports once a minute', members: 200, pause: 300 },
  { name: '200 members, each reports every 10 s', members: 200, pause: 50 },
];
const QUICK: readonly Load[] = [{ name: '20 members', members: 20, pause: 50 }];
const LOADS: Record<Scale, readonly Load[]> = { full: FULL, quick: QUICK };

/** The pages take turns, for so long in all. */
const TURNS: Record<Scale, { readonly count: number; readonly milliseconds: number }> = {
  full: { count: 5, milliseconds: 4_000 },
  quick: { count: 1, milliseconds: 300 },
};

const PAGES = ['dashboard', 'table', 'empty'] as const;

/** Milliseconds that the frames of each page took. */
type Frames = Record<(typeof PAGES)[number], number[]>;

async function measure(chromium: Chromium, load: Load, turns: (typeof TURNS)[Scale]): Promise<Frames> {
  const members = membersOf(load.members, 5);
  await using ring = await SimulatedRing.start({ members });
  await ring.reportAll();
  const window = await chromium.window({ viewport: { width: 1440, height: 1800 } });
  const frames: Frames = { dashboard: [], table: [], empty: [] };
  try {
    for (let turn = 0; turn < turns.count; turn += 1) {
      for (const name of PAGES) {
        const page = await window.newPage();
        const work = await open(page, name, ring);
        // On from where the turn before has ended, so that what is told is new.
        const first = turn * Math.ceil(turns.milliseconds / load.pause);
        frames[name].push(
          ...(await framesDuring(page, () => atRate(load.pause, turns.milliseconds, (index) => work(first + index)))),
        );
        await page.close();
      }
    }
  } finally {
    await window.close();
  }
  return frames;
}

/** Shows a page. @returns what brings it one member's news. */
async function open(page: Page, name: keyof Frames, ring: SimulatedRing): Promise<(index: number) => Promise<void>> {
  const { members } = ring;
  if (name === 'empty') return () => Promise.resolve();
  if (name === 'table') return openTable(page, members.length);
  await page.goto(ring.url);
  await page.locator('.live-live').waitFor();
  await page.locator('.stat-value').getByText(`${members.length}`, { exact: true }).first().waitFor();
  return async (index) => {
    const source = members[index % members.length];
    // A third of it has failed, each time another one.
    if (source !== undefined) await ring.report(source, (_, target) => (hasTurn(index, target.id) ? FAILED : {}));
  };
}

const FAILED = { verdict: 'failed' } as const;

function hasTurn(index: number, id: string): boolean {
  return (index + (id.codePointAt(0) ?? 0)) % 3 === 0;
}

/** Does something again and again, until it is over. */
async function atRate(pause: number, milliseconds: number, work: (index: number) => Promise<void>): Promise<void> {
  const begun = performance.now();
  for (let index = 0; index * pause < milliseconds; index += 1) {
    await delay(Math.max(0, begun + index * pause - performance.now()));
    await work(index);
  }
}

function rowsOf({ name }: Load, frames: Frames): readonly Row[] {
  const references = [
    ['an HTML table with as many cells', frames.table],
    ['an empty page', frames.empty],
  ] as const;
  return references.flatMap(([referenceName, reference]) =>
    ([50, 95, 99] as const).map((percentile) =>
      compare({
        name: `${name}: frame, ${percentile === 50 ? 'median' : `${percentile}th of 100`}`,
        unit: 'ms',
        ours: frames.dashboard,
        reference,
        referenceName,
        percentile,
        target: { of: 'ours', atMost: 33 },
      }),
    ),
  );
}
