import type { Page } from 'playwright-core';

/**
 * Milliseconds from each frame of a page to the next while something is done. As text: what the compiler adds to functions is not there in the page.
 */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<readonly number[]> {
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
  await work();
  return page.evaluate<readonly number[]>('frameTimes');
}
