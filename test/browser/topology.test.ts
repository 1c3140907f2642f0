import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings } from './axe.js';
import { type Chromium, hasChromium, startChromium } from './chromium.js';
import { membersOf, SimulatedRing } from './simulated-ring.js';

const HOSTILE = '<img src=x onerror=alert(1)>';

describe.skipIf(!(await hasChromium()))('the topology', () => {
  let chromium: Chromium;
  let ring: SimulatedRing;
  const problems: string[] = [];

  beforeAll(async () => {
    chromium = await startChromium();
    ring = await SimulatedRing.start({ members: [...membersOf(5), { id: HOSTILE, location: HOSTILE }] });
    await ring.reportAll();
  });

  afterAll(async () => {
    await chromium?.close();
    await ring?.stop();
  });

  afterEach(() => {
    expect(problems.splice(0)).toEqual([]);
  });

  it('shows the path between two sites that are chosen in the lists', async () => {
    await using page = await open('#show=topology');
    await page.getByRole('combobox', { name: 'Path from' }).selectOption('ams1');
    await page.getByRole('combobox', { name: 'to', exact: true }).selectOption('dub1');
    await page.locator('.path-stop').first().waitFor();
    expect(await page.locator('.path-stop .path-name').allTextContents()).toEqual([
      'ams1',
      expect.stringMatching(/^198\.51\.100\.\d+$/),
      expect.stringMatching(/^203\.0\.113\.\d+$/),
      expect.stringMatching(/^198\.51\.100\.\d+$/),
      'dub1',
    ]);
    expect(await page.locator('.graph-link.is-marked').count()).toBe(4);
    expect(await page.locator('.graph-label.is-end').allTextContents()).toEqual(['from ams1', 'to dub1']);
    expect(await page.evaluate(() => location.hash)).toContain('path=ams1&path=dub1');
    await page.getByRole('button', { name: 'Swap' }).click();
    await page.getByRole('heading', { name: 'Path from dub1 to ams1' }).waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('.path-panel').waitFor({ state: 'detached' });
    expect(await page.locator('.graph-link.is-marked').count()).toBe(0);
  });

  it('is walked through and chosen from by keyboard', async () => {
    await using page = await open('#show=topology');
    await page.getByRole('button', { name: 'Show all' }).focus();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatch(new RegExp(`^${HOSTILE.replaceAll(/[()]/g, '\\$&')}, site, next to `));
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toMatch(/^ams1, site, next to 198\.51\.100\.\d+ \(/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Path from ams1 to cdg2' }).waitFor();
    expect(await page.locator('.graph-node[aria-pressed="true"]').count()).toBe(2);
    expect(await focused(page)).toMatch(/^to cdg2, /);
    await page.keyboard.press('End');
    expect(await focused(page)).toMatch(/^203\.0\.113\.\d+, router, /);
    await page.keyboard.press('Escape');
    await page.locator('.path-panel').waitFor({ state: 'detached' });
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('.graph-picture') === null)).toBe(true);
  });

  it('takes two clicks for a path, and moves and zooms otherwise', async () => {
    await using page = await open('#show=topology');
    const view = () => page.locator('.graph-picture > g').getAttribute('transform');
    const before = await view();
    await page.getByRole('button', { name: /^ams1, site/ }).click();
    await page.getByRole('button', { name: /^fra1, site/ }).click();
    await page.getByRole('heading', { name: 'Path from ams1 to fra1' }).waitFor();
    expect(await view()).toBe(before);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    expect(await view()).not.toBe(before);
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await view()).toBe(before);
  });

  it('is the same picture each time, also where the topology is known before the members', async () => {
    const places = async (prepare?: (page: Page) => Promise<void>): Promise<readonly (string | null)[]> => {
      await using page = await open('#show=topology', { prepare });
      return await page.locator('[data-index]').evaluateAll((all) => all.map((node) => node.getAttribute('transform')));
    };
    const first = await places();
    expect(first.length).toBeGreaterThan(10);
    const topologyFirst = async (page: Page): Promise<void> => {
      const topology = page.waitForResponse(/\/topology$/);
      await page.route('**/matrix', async (route) => {
        await topology;
        await page.getByText('Asking for the topology').waitFor();
        await route.continue();
      });
    };
    expect(await places(topologyFirst)).toEqual(first);
  });

  it('is there as a table, and shows names as text', async () => {
    await using page = await open('#show=topology');
    await page.getByText('Stretches as a table').click();
    const rows = page.locator('.stretch-table tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(await page.locator('.graph-links line').count());
    expect(await page.locator('.stretch-table').textContent()).toContain(HOSTILE);
    expect(await page.locator('img').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('has nothing that axe finds, %s', async (colorScheme) => {
    await using page = await open('#show=topology&path=ams1&path=dub1', { colorScheme });
    await page.locator('.path-stop').first().waitFor();
    await page.getByText('Stretches as a table').click();
    await page.locator('.stretch-table tr').first().waitFor();
    expect(await axeFindings(page, '.topology')).toEqual([]);
  });

  it('draws of many routes some of each site, and always the one that is asked for', async () => {
    await using many = await SimulatedRing.start({ members: membersOf(60) });
    await many.reportAll(manyHops);
    await using page = await open('#show=topology&path=ams1-3&path=bom1-3', { url: many.url });
    await page.locator('.path-stop').first().waitFor();
    await page.getByText(/routes of [\d,]+ are drawn, some of each site/).waitFor();
    expect(await page.locator('.graph-links line').count()).toBeLessThanOrEqual(1_500);
    expect(await page.locator('.graph-link.is-marked').count()).toBeGreaterThan(4);
  });

  async function open(hash: string, { colorScheme, url = ring.url, prepare }: Opening = {}): Promise<OpenPage> {
    const window = await chromium.window(colorScheme && { colorScheme });
    const page = await window.newPage();
    page.on('pageerror', (error) => problems.push(`${error}`));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('dialog', (dialog) => problems.push(dialog.message()));
    await prepare?.(page);
    await page.goto(`${url}/${hash}`);
    await page.locator('[data-index]').first().waitFor();
    return Object.assign(page, { [Symbol.asyncDispose]: () => window.close() });
  }
});

interface Opening {
  readonly colorScheme?: 'light' | 'dark';
  readonly url?: string;
  /** What is done before the page is loaded. */
  readonly prepare?: ((page: Page) => Promise<void>) | undefined;
}

type OpenPage = Page & AsyncDisposable;

function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
}

/** Routers of their own for each pair. */
function manyHops({ id: from }: { readonly id: string }, { id: to }: { readonly id: string }, type: string) {
  if (type !== 'traceroute') return undefined;
  const [a, b] = [numberOf(from), numberOf(to)];
  const hops = [1, 2, 3, 4].map((hop) => ({
    hop,
    ip: `198.51.${(a + hop) % 250}.${(b * hop) % 250}`,
    latency_ms: hop,
  }));
  return { hops };
}

function numberOf(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 9_973, 7);
}
