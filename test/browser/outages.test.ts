import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings } from './axe.js';
import { type Chromium, hasChromium, startChromium } from './chromium.js';
import { type Finding, membersOf, SimulatedRing } from './simulated-ring.js';

const MINUTE = 60_000;

describe.skipIf(!(await hasChromium()))('the timeline of outages', () => {
  let chromium: Chromium;
  let ring: SimulatedRing;
  const now = Date.now();
  const problems: string[] = [];

  /** fra1 was offline itself while all found it unreachable; ams1 does not reach dub1, which is there. */
  beforeAll(async () => {
    chromium = await startChromium();
    ring = await SimulatedRing.start({ members: membersOf(5) });
    await ring.reportAll((source, target) => {
      if (target.location === 'fra1') return FAILED;
      return source.location === 'ams1' && target.location === 'dub1' ? FAILED : {};
    });
    for (const { id, location } of ring.members) {
      if (location === 'fra1') await tellOutages(id, [{ from: now - 10 * MINUTE, reason: 'no-carrier' }]);
      if (location === 'cdg2') {
        await tellOutages(id, [
          { from: now - 200 * MINUTE, until: now - 190 * MINUTE, reason: 'no-route' },
          { from: now - 100 * MINUTE, until: now - 70 * MINUTE, reason: 'link-down' },
        ]);
      }
    }
  });

  afterAll(async () => {
    await chromium?.close();
    await ring?.stop();
  });

  afterEach(() => {
    expect(problems.splice(0)).toEqual([]);
  });

  it("tells a member's own outage from a broken path", async () => {
    await using page = await open();
    expect(await page.locator('.timeline-name').allInnerTexts()).toEqual([
      expect.stringContaining('dub1'),
      'fra1',
      'cdg2',
    ]);
    const looks = (site: string) =>
      page
        .getByRole('group', { name: site, exact: true })
        .getByRole('button')
        .evaluateAll((all) => all.map((bar) => /look-(\w+)/.exec(bar.getAttribute('class') ?? '')?.[1]));
    expect(await looks('dub1')).toEqual(['hatched']);
    expect(await looks('fra1')).toEqual(['solid']);
    expect(await looks('cdg2')).toEqual(['solid', 'solid']);
  });

  it('is walked through by keyboard, and tells what is known of each', async () => {
    await using page = await open();
    await page.getByRole('group', { name: 'dub1', exact: true }).getByRole('button').focus();
    const told = page.locator('.timeline-told');
    await told
      .filter({
        hasText:
          /^dub1: Path broken from ams1 to dub1, while both ends were there, since .*ams1 → dub1: http, ping, tcp \(timeout\)/,
      })
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await told.filter({ hasText: /^fra1: fra1 was offline itself, since .*4 members found it unreachable/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
    await told.filter({ hasText: /^cdg2: .* 10 minMember .*no-route/ }).waitFor();
    await page.keyboard.press('ArrowRight');
    await told.filter({ hasText: /^cdg2: .* 30 minMember .*link-down/ }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('[data-bar]') === null)).toBe(true);
  });

  it("tells times in the reader's zone, and as ISO 8601 where that is asked for", async () => {
    await using page = await open({ timezoneId: 'Asia/Kolkata', locale: 'en-GB' });
    await page.getByText('Times in Asia/Calcutta').or(page.getByText('Times in Asia/Kolkata')).waitFor();
    const bar = page.getByRole('group', { name: 'cdg2', exact: true }).getByRole('button').first();
    const local = new Date(now - 200 * MINUTE).toLocaleString('en-GB', {
      timeZone: 'Asia/Kolkata',
      timeStyle: 'medium',
    });
    expect(await bar.getAttribute('aria-label')).toContain(local);
    await page.getByLabel('ISO 8601 (UTC)').check();
    const iso = `${new Date(now - 200 * MINUTE).toISOString().slice(0, 19)}Z`;
    await page.locator(`[data-bar][aria-label*="from ${iso} to"]`).waitFor();
    await page
      .locator('.timeline-tick-label')
      .first()
      .filter({ hasText: /^\d\d:\d\dZ$/ })
      .waitFor();
  });

  it('shows the hours that are asked for, and the paths of a site on their own', async () => {
    await using page = await open();
    await page.getByLabel('1 hour', { exact: true }).check();
    await page.getByRole('group', { name: 'cdg2', exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'dub1', exact: true }).click();
    await page.getByRole('group', { name: 'from ams1' }).waitFor();
    await page.getByText('Outages as a table').click();
    await page.locator('.outage-table').filter({ hasText: '2 outages' }).waitFor();
    expect(await page.locator('.outage-table tbody tr').count()).toBe(2);
  });

  it.each(['light', 'dark'] as const)('has nothing that axe finds, %s', async (colorScheme) => {
    await using page = await open({ colorScheme });
    await page.getByText('Outages as a table').click();
    await page.locator('.outage-table tr').first().waitFor();
    expect(await axeFindings(page, '.outages')).toEqual([]);
  });

  async function tellOutages(id: string, outages: readonly object[]): Promise<void> {
    await ring.say('/report_metrics', { instance_id: id, metrics: { outages }, current: false });
  }

  async function open(options: Parameters<Chromium['window']>[0] = {}): Promise<OpenPage> {
    const window = await chromium.window(options);
    const page = await window.newPage();
    page.on('pageerror', (error) => problems.push(`${error}`));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(ring.url);
    // Both the members' outages and the broken paths are there.
    await page.getByText('Now: 1 member is offline, 1 path is broken.').waitFor();
    await page.getByRole('group', { name: 'dub1', exact: true }).getByRole('button').waitFor();
    return Object.assign(page, { [Symbol.asyncDispose]: () => window.close() });
  }
});

type OpenPage = Page & AsyncDisposable;

const FAILED: Finding = { verdict: 'failed', failure_source: 'path', reason: 'timeout' };
