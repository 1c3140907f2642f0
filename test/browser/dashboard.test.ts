import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readExpectedMembers } from '../../src/ring/index.js';
import { type Chromium, hasChromium, startChromium } from './chromium.js';
import { type FindingOf, membersOf, SimulatedRing, type SimulatedRingOptions } from './simulated-ring.js';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(!(await hasChromium()))('the dashboard', () => {
  let chromium: Chromium;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    chromium = await startChromium();
  });

  afterAll(() => chromium.close());

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('shows at once what changes: who comes, what fails, what is inconclusive', async () => {
    const { ring, page, complaints } = await opened({ members: membersOf(4) });
    await ring.reportAll();
    await comesTrue(page, { 'Pairs OK': '12', 'Pairs failed': '0', Inconclusive: '0', Members: '4' });
    const [ams, cdg] = ring.members;
    if (ams === undefined || cdg === undefined) throw new Error('there are no members');
    await ring.report(ams, failsTo(cdg.id));
    await comesTrue(page, { 'Pairs OK': '11', 'Pairs failed': '1' });
    await ring.report(ams, () => ({ verdict: 'inconclusive', failure_source: 'local', reason: 'no-carrier' }));
    await comesTrue(page, { 'Pairs OK': '9', 'Pairs failed': '0', Inconclusive: '3' });
    await ring.say('/register', { instance_id: 'new', location: 'new', ip: '192.0.2.77', port: 1 });
    await comesTrue(page, { Members: '5' });
    await ring.say('/deregister', { instance_id: 'new' });
    await comesTrue(page, { Members: '4' });
    expect(complaints).toEqual([]);
  });

  it('draws no more than what changed, of 40,000 cells', { timeout: 60_000 }, async () => {
    const { ring, page } = await opened(
      { members: membersOf(200, 5) },
      { viewport: { width: 1600, height: 3000 } },
      '',
      false,
    );
    await ring.reportAll(onlyTcp);
    await page.goto(ring.url);
    await comesTrue(page, { 'Pairs OK': '39,800' });
    const painted = paintedWork(page);
    const [source] = ring.members;
    if (source === undefined) throw new Error('there are no members');
    await (await painted).begin();
    const failing = new Set(ring.members.slice(50, 57).map(({ id }) => id));
    await ring.report(source, (_, { id }, type) =>
      failing.has(id) && type === 'tcp' ? FAILED : onlyTcp(source, source, type),
    );
    await comesTrue(page, { 'Pairs failed': '7' });
    const work = await (await painted).end();
    expect(work.reduce((sum, { cells }) => sum + cells, 0)).toBe(7);
    expect(work.every(({ isComplete }) => !isComplete)).toBe(true);
  });

  it('is filtered by source, target, latency, failures and kind of check, and the address says how', async () => {
    const { ring, page } = await opened({ members: membersOf(6) });
    const [ams, cdg] = ring.members;
    if (ams === undefined || cdg === undefined) throw new Error('there are no members');
    for (const source of ring.members) await ring.report(source, source === ams ? failsTo(cdg.id) : undefined);
    await comesTrue(page, { 'Pairs failed': '1' });
    expect(await sizeOf(page)).toEqual([6, 6]);
    await page.getByLabel('From', { exact: true }).fill('ams');
    await page.getByLabel('To', { exact: true }).fill('192.0.2.2');
    await page.waitForURL(/#from=ams&to=192\.0\.2\.2$/);
    expect(await sizeOf(page)).toEqual([1, 1]);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Failures only').check();
    expect(await sizeOf(page)).toEqual([1, 1]);
    await page.getByLabel('Failures only').uncheck();
    await page.getByRole('radio', { name: 'HTTP' }).check({ force: true });
    await page.getByLabel('Latency from, in milliseconds').fill('30');
    await page.getByRole('button', { name: 'Table' }).click();
    await page.waitForURL(/#show=http&min=30&table$/);
    const faint = await page.locator('td.matrix-faint').count();
    expect(faint).toBeGreaterThan(0);
    await page.reload();
    await page.locator('td.matrix-faint').first().waitFor();
    expect(await page.locator('td.matrix-faint').count()).toBe(faint);
    expect(await page.getByLabel('Latency from, in milliseconds').inputValue()).toBe('30');
    await page.goBack();
    await page.getByRole('radio', { name: 'All', exact: true, checked: true }).waitFor();
  });

  it('shows who left where that is asked for', async () => {
    const { ring, page } = await opened({ members: membersOf(3) });
    await ring.say('/deregister', { instance_id: ring.members[0]?.id });
    await comesTrue(page, { Members: '2' });
    expect(await sizeOf(page)).toEqual([2, 2]);
    await page.getByLabel('Offline members').check();
    expect(await sizeOf(page)).toEqual([3, 3]);
  });

  it('says where nobody is whether anybody was, and how a member of this registry is started', async () => {
    const { ring, page } = await opened({ members: [] });
    const note = page.locator('.matrix-note');
    await note.getByText(/^No member has joined yet\. Start one:/).waitFor();
    await note.getByText(`npx netpause ring member --registry ${ring.url}`, { exact: true }).waitFor();
    for (const id of ['m1', 'm2'])
      await ring.say('/register', { instance_id: id, location: id, ip: '192.0.2.7', port: 1 });
    await comesTrue(page, { Members: '2' });
    for (const id of ['m1', 'm2']) await ring.say('/deregister', { instance_id: id });
    await note.getByText(/^No member is here now \(2 left\)\. Start one:/).waitFor();
  });

  it('connects again by itself when the registry was away, and asks for everything anew', async () => {
    const { ring, page } = await opened({ members: membersOf(3) });
    await ring.reportAll();
    await comesTrue(page, { 'Pairs OK': '6' });
    await ring.stop();
    await page.getByText(/^Reconnecting for/).waitFor();
    // What was known stays on the page.
    await comesTrue(page, { 'Pairs OK': '6' });
    await ring.restart();
    await page.locator('.live-live').waitFor();
    await comesTrue(page, { 'Pairs OK': '0', Members: '3' });
    await ring.reportAll();
    await comesTrue(page, { 'Pairs OK': '6' });
  });

  it('asks for a token where one is needed, says that it was refused, and keeps it in the tab', async () => {
    const [reader, writer] = ['reader-token-0123456', 'writer-token-0123456'];
    const { page, complaints } = await opened({ members: membersOf(3), tokens: [writer], readTokens: [reader] });
    const field = page.getByLabel('Token', { exact: true });
    const links = page.locator('header a');
    expect(await links.count()).toBe(0);
    await field.fill('wrong-token-01234567');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('alert').getByText('This token was refused').waitFor();
    await field.fill(reader);
    await page.getByRole('button', { name: 'Connect' }).click();
    await comesTrue(page, { Members: '3' });
    await page.reload();
    await comesTrue(page, { Members: '3' });
    // A browser would follow them without the token.
    expect(await links.count()).toBe(0);
    expect(page.url()).not.toContain(reader);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('shows names as text whatever they are, asks no other host, and lets no other script in', async () => {
    const members = [
      { id: '<img src=x onerror="document.title=1">', location: '<script>document.title=1</script>' },
      { id: '"><svg onload=document.title=1>', location: "javascript:document.title='1'" },
      ...membersOf(2),
    ];
    const { ring, page, complaints, asked } = await opened({ members });
    await ring.reportAll(() => ({ verdict: 'failed', reason: '<b onclick=alert(1)>' }));
    await comesTrue(page, { 'Pairs failed': '12' });
    await page.getByRole('button', { name: 'Table' }).click();
    await page.getByRole('rowheader', { name: '<script>document.title=1</script>' }).waitFor();
    for (const name of ['Topology', 'All']) await page.getByRole('radio', { name, exact: true }).check({ force: true });
    await page.locator('.card-button').first().focus();
    await page.getByRole('tooltip').waitFor();
    expect(await page.title()).toBe('Netring');
    expect(complaints).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(ring.url) && !url.startsWith('data:'))).toEqual([]);
    const violated = await page.evaluate(async () => {
      const blocked = new Promise<string>((resolve) =>
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective)),
      );
      new Image().src = 'http://127.0.0.1:9/other-host.png';
      return blocked;
    });
    expect(violated).toBe('img-src');
    const inject = () => page.evaluate(() => document.body.setAttribute('onclick', 'document.title = "1"'));
    await expect(inject()).rejects.toThrow('TrustedScript');
  });

  it('can be used without a mouse: cells are walked through, described, and opened', async () => {
    const { ring, page } = await opened({ members: membersOf(3) });
    await ring.reportAll((source, target, type) =>
      source.location === 'cdg2' && target.location === 'dub1' && type === 'tcp' ? FAILED : {},
    );
    await comesTrue(page, { 'Pairs failed': '1' });
    const grid = page.getByRole('grid');
    await grid.focus();
    const cell = page.locator('#matrix-cell');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    expect(await cell.textContent()).toMatch(/^From cdg2-1 to dub1-1: TCP failed path: timeout, HTTP ok /);
    expect(await grid.getAttribute('aria-activedescendant')).toBe('matrix-cell');
    const tooltip = page.getByRole('tooltip');
    await tooltip.waitFor();
    await page.keyboard.press('Escape');
    await tooltip.waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Pair' }).waitFor();
    await page.waitForURL(/#pair=cdg2-1&pair=dub1-1$/);
    await page.getByRole('button', { name: 'Close the pair' }).click();
    await page.getByRole('region', { name: 'Pair' }).waitFor({ state: 'detached' });
  });

  it('tells who is expected and missing, and the alerts about it', async () => {
    const expected = readExpectedMembers({
      expected_members: {
        locations: { ams1: { expected_count: 2, criticality: 'high', grace_period: 0 } },
        settings: { check_interval: 1, location_establishment_time: 0 },
      },
    });
    const { page } = await opened({ members: membersOf(2), expected });
    await page.getByText('ams1 lacks 1 of 2 members').waitFor();
    await comesTrue(page, { 'Missing members': '1' });
    await page.getByRole('region', { name: 'Expected and actual' }).getByText('1 of 2').waitFor();
  });

  it.each([
    ['light', 1_280, ''],
    ['dark', 1_280, ''],
    ['light', 360, '#table'],
    ['dark', 360, '#show=topology'],
    ['light', 1_280, '#show=tcp&pair=ams1-1&pair=cdg2-1'],
  ] as const)('has nothing that axe complains of: %s, %d px, %s', async (colorScheme, width, hash) => {
    const expected = readExpectedMembers({
      expected_members: {
        locations: { ams1: { expected_count: 3, criticality: 'high', grace_period: 0 } },
        settings: { check_interval: 1, location_establishment_time: 0 },
      },
    });
    const { ring, page } = await opened(
      { members: membersOf(6, 2), expected },
      { colorScheme, viewport: { width, height: 900 }, bypassCSP: true },
      hash,
    );
    await ring.reportAll((source) =>
      source.location === 'cdg2' ? { verdict: 'inconclusive' } : source.id === 'dub1-1' ? FAILED : {},
    );
    await ring.say('/report_metrics', {
      instance_id: 'ams1-1',
      metrics: { checks: [], outages: [{ from: Date.now() - 60_000, reason: 'no-carrier' }] },
    });
    await page.getByText('ams1 lacks 1 of 3 members').waitFor();
    await comesTrue(page, { Members: '6' });
    await page.locator('.card-button').first().focus();
    await page.getByRole('tooltip').waitFor();
    expect(await complaintsOfAxe(page)).toEqual([]);
    const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(isTooWide).toBe(false);
  });

  async function opened(options: SimulatedRingOptions, window: BrowserContextOptions = {}, hash = '', isOpen = true) {
    const ring = await SimulatedRing.start(options);
    ends.push(() => ring.stop());
    const context = await chromium.window(window);
    ends.push(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('request', (request) => asked.push(request.url()));
    if (isOpen) await page.goto(`${ring.url}/${hash}`);
    return { ring, page, complaints, asked };
  }
});

const FAILED = { verdict: 'failed', failure_source: 'path', reason: 'timeout' } as const;

const onlyTcp: FindingOf = (_source, _target, type) => (type === 'tcp' ? {} : undefined);

function failsTo(id: string): FindingOf {
  return (_source, target) => (target.id === id ? FAILED : {});
}

/** The numbers at the top of the page. */
async function comesTrue(page: Page, numbers: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(numbers)) {
    const card = page.locator('.stat', { has: page.getByText(label, { exact: true }) });
    await card.locator('.stat-value').getByText(value, { exact: true }).waitFor({ timeout: 20_000 });
  }
}

/** Rows and columns of the matrix. */
async function sizeOf(page: Page): Promise<readonly number[]> {
  const grid = page.getByRole('grid');
  return [Number(await grid.getAttribute('aria-rowcount')) - 1, Number(await grid.getAttribute('aria-colcount')) - 1];
}

interface Work {
  readonly cells: number;
  readonly isComplete: boolean;
}

/** What is drawn between two moments. */
async function paintedWork(page: Page) {
  const works = await page.evaluateHandle(() => {
    const list: Work[] = [];
    document.addEventListener('painted', (event) => {
      if (event instanceof CustomEvent) list.push(event.detail);
    });
    return list;
  });
  return {
    begin: () => works.evaluate((list) => void list.splice(0)),
    end: () => works.evaluate((list) => list),
  };
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

async function complaintsOfAxe(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ content: AXE });
  const { violations } = await page.evaluate(
    (): Promise<AxeResult> => Reflect.get(globalThis, 'axe').run(document, { resultTypes: ['violations'] }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
