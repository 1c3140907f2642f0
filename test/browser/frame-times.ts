import { startChromium } from './chromium.js';
import { membersOf, SimulatedRing } from './simulated-ring.js';

/**
 * How long a frame takes while 200 members report: `npx tsx test/browser/frame-times.ts`. Each reports anew as soon as the one before is kept, which
 * is far more than they do: 200 reports a minute.
 */
const members = membersOf(200, 5);
await using ring = await SimulatedRing.start({ members });
await ring.reportAll();
await using chromium = await startChromium();
const window = await chromium.window({ viewport: { width: 1440, height: 1800 } });
const page = await window.newPage();
const session = await window.newCDPSession(page);
await session.send('Performance.enable');
await page.goto(ring.url);
await page.locator('.live-live').waitFor();
await page.getByText('39,800').first().waitFor();
// As text: what the compiler adds to functions is not there in the page.
await page.evaluate(`
  globalThis.frameTimes = [];
  let last = performance.now();
  const next = (now) => {
    frameTimes.push(now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
`);
for (const [index, source] of members.entries()) {
  await ring.report(source, () => (index % 3 === 0 ? { verdict: 'failed' } : {}));
}
await page.waitForTimeout(500);
const frames = await page.evaluate<readonly number[]>('frameTimes');
const sorted = frames.toSorted((a, b) => a - b);
const at = (share: number): string => `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)} ms`;
process.stdout.write(
  `frames ${sorted.length}, median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}\n`,
);
const { metrics } = await session.send('Performance.getMetrics');
for (const { name, value } of metrics) {
  if (['ScriptDuration', 'LayoutDuration', 'TaskDuration'].includes(name))
    process.stdout.write(`${name} ${value.toFixed(2)} s\n`);
}
