import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readExpectedMembers } from '../../src/ring/index.js';
import { startChromium } from './chromium.js';
import { type FindingOf, membersOf, SimulatedRing } from './simulated-ring.js';

/**
 * Pictures of the dashboard, to look at: `npx tsx test/browser/screenshots.ts [--out folder] [--only text]`. Light and dark, phone to wall, with 3, 20
 * and 200 members.
 */
const { values } = parseArgs({
  options: { out: { type: 'string', default: 'screenshots' }, only: { type: 'string' } },
});

const SIZES = {
  desktop: { width: 1440, height: 900, deviceScaleFactor: 1 },
  phone: { width: 360, height: 780, deviceScaleFactor: 2 },
  wall: { width: 3840, height: 2160, deviceScaleFactor: 1 },
};

const SCENES = [
  { name: 'desktop-3-light', members: membersOf(3), size: SIZES.desktop, scheme: 'light' },
  { name: 'desktop-20-light', members: membersOf(20, 2), size: SIZES.desktop, scheme: 'light' },
  { name: 'desktop-20-dark', members: membersOf(20, 2), size: SIZES.desktop, scheme: 'dark' },
  {
    name: 'desktop-20-pair',
    members: membersOf(20, 2),
    size: SIZES.desktop,
    scheme: 'light',
    hash: '#show=tcp&pair=ams1-1&pair=dub1-1',
  },
  {
    name: 'desktop-20-topology',
    members: membersOf(20, 2),
    size: SIZES.desktop,
    scheme: 'dark',
    hash: '#show=topology&path=ams1&path=dub1',
  },
  { name: 'desktop-20-table', members: membersOf(20, 2), size: SIZES.desktop, scheme: 'light', hash: '#table' },
  { name: 'desktop-200-light', members: membersOf(200, 5), size: SIZES.desktop, scheme: 'light' },
  { name: 'desktop-200-dark', members: membersOf(200, 5), size: SIZES.desktop, scheme: 'dark', hash: '#show=ping' },
  { name: 'desktop-200-failures', members: membersOf(200, 5), size: SIZES.desktop, scheme: 'light', hash: '#failures' },
  { name: 'phone-3-light', members: membersOf(3), size: SIZES.phone, scheme: 'light' },
  { name: 'phone-20-dark', members: membersOf(20, 2), size: SIZES.phone, scheme: 'dark' },
  { name: 'phone-200-light', members: membersOf(200, 5), size: SIZES.phone, scheme: 'light' },
  { name: 'wall-20-dark', members: membersOf(20, 2), size: SIZES.wall, scheme: 'dark' },
  { name: 'wall-200-light', members: membersOf(200, 5), size: SIZES.wall, scheme: 'light' },
  { name: 'empty-light', members: [], size: SIZES.desktop, scheme: 'light' },
  { name: 'desktop-long-light', members: longNames(), size: SIZES.desktop, scheme: 'light' },
] as const;

const expected = readExpectedMembers({
  expected_members: {
    locations: {
      ams1: { expected_count: 2, criticality: 'high', grace_period: 0, description: 'Amsterdam, hall 1' },
      cdg2: { expected_count: 4, criticality: 'high', grace_period: 0, description: 'Paris' },
      dub1: { expected_count: 1, criticality: 'medium', grace_period: 60, description: 'Dublin' },
    },
    settings: { check_interval: 1, location_establishment_time: 0 },
  },
});

await mkdir(values.out, { recursive: true });
await using chromium = await startChromium();
for (const scene of SCENES) {
  if (values.only !== undefined && !scene.name.includes(values.only)) continue;
  await using ring = await SimulatedRing.start({
    members: scene.members,
    ...(scene.members.length > 3 && { expected }),
  });
  await ring.reportAll(troubles);
  await tellOutages(ring);
  const { width, height, deviceScaleFactor } = scene.size;
  const window = await chromium.window({ viewport: { width, height }, deviceScaleFactor, colorScheme: scene.scheme });
  const page = await window.newPage();
  page.on('console', (message) => process.stderr.write(`${scene.name}: ${message.text()}\n`));
  page.on('pageerror', (error) => process.stderr.write(`${scene.name}: ${error.stack}\n`));
  await page.goto(`${ring.url}/${'hash' in scene ? scene.hash : ''}`);
  await page.locator('.live-live').waitFor();
  await page.waitForTimeout(900);
  await page.screenshot({ path: join(values.out, `${scene.name}.png`), fullPage: scene.size === SIZES.phone });
  await window.close();
  process.stdout.write(`${scene.name}\n`);
}

/** One site is offline itself, one path is broken both ways, one member answers nobody by HTTP. */
function troubles(...[source, target, type]: Parameters<FindingOf>): ReturnType<FindingOf> {
  const [from, to] = [source.location, target.location];
  if (from === 'hkg1' && type !== 'bandwidth' && type !== 'traceroute') {
    return { verdict: 'inconclusive', failure_source: 'local', reason: 'no-carrier' };
  }
  const isBroken = (from === 'ams1' && to === 'dub1') || (from === 'dub1' && to === 'ams1');
  if (isBroken || to === 'hkg1') return { verdict: 'failed', failure_source: 'path', reason: 'timeout' };
  if (to === 'fra1' && type === 'http') return { verdict: 'failed', failure_source: 'target', reason: 'status-503' };
  if (type === 'bandwidth' && (source.id.length + target.id.length) % 3 === 0) return undefined;
  return {};
}

async function tellOutages(ring: SimulatedRing): Promise<void> {
  const now = Date.now();
  for (const source of ring.members) {
    if (source.location === 'hkg1') {
      await ring.report(source, troubles, { outages: [{ from: now - 240_000, reason: 'no-carrier' }] });
    }
    if (source.location === 'cdg2') {
      await ring.report(source, troubles, {
        outages: [{ from: now - 5_400_000, until: now - 4_900_000, reason: 'no-route' }],
      });
    }
  }
}

function longNames() {
  const long = 'eu-central-1-availability-zone-b-rack-17-row-4-building-north-of-the-river-and-a-little-further';
  return [
    ...membersOf(4),
    { id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479', location: long },
    { id: '<img src=x onerror=alert(1)>', location: '<script>alert(1)</script>' },
    { id: '東京-データセンター-一号機', location: '東京' },
  ];
}
