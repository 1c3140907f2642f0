import { describe, it } from 'vitest';
import { type LabSupport, labSupport } from './lab-support.js';
import { LabUnavailableError } from './lab-unavailable-error.js';

/** What the tests of a suite need beside namespaces. */
export type LabNeed = 'tap' | 'nft' | 'tc';

const support = await labSupport();

/**
 * `describe` for tests that need the lab. Where it cannot be had the suite is skipped, and its title says why; in CI (`CI=true`) it fails
 * instead, so that nothing goes untested unseen.
 */
export function describeInLab(title: string, needs: readonly LabNeed[], suite: () => void): void {
  const reason = reasonAgainst(support, needs);
  if (reason === undefined) {
    describe(title, suite);
  } else if (process.env['CI'] === 'true') {
    describe(title, () => {
      it('has the lab that it needs', () => {
        throw new LabUnavailableError(reason);
      });
    });
  } else {
    process.stderr.write(`skipped: ${title}: ${reason}\n`);
    describe.skip(`${title} (skipped: ${reason})`, suite);
  }
}

/** Why a suite cannot run here; undefined when it can. */
export function reasonAgainst(given: LabSupport, needs: readonly LabNeed[]): string | undefined {
  if (!given.available) return given.reason;
  return needs.map((need) => given[need]).find((feature) => !feature.available)?.reason;
}
