import { describe, expect, it } from 'vitest';
import { type Decision, decide, type Evidence, type Facts } from '../../../src/retry/decide.js';
import type { EndedBy } from '../../../src/retry/failure.js';
import type { FailureClass } from '../../../src/retry/index.js';

const KINDS: readonly FailureClass[] = [
  { kind: 'network', nothingSent: true },
  { kind: 'network', nothingSent: false },
  { kind: 'response', status: 503, nothingSent: false },
  { kind: 'local', code: 'EMFILE', nothingSent: true },
  { kind: 'local', code: 'EMFILE', nothingSent: false },
  { kind: 'local', code: 'EADDRNOTAVAIL', nothingSent: true },
  { kind: 'local', code: 'EINVAL', nothingSent: true },
  { kind: 'local', code: 'EACCES', nothingSent: true },
  { kind: 'unknown', nothingSent: false },
];
const ENDS: readonly EndedBy[] = ['operation', 'interruption', 'timeout', 'stop'];
const EVIDENCE: readonly Evidence[] = ['outage', 'not-asked', 'none'];

const EVERY_COMBINATION: readonly Facts[] = KINDS.flatMap((failureClass) =>
  ENDS.flatMap((endedBy) =>
    EVIDENCE.flatMap((evidence) =>
      [true, false].flatMap((mayLoseAnother) =>
        [true, false].map((idempotent) => ({
          failure: { endedBy, error: new Error('test'), isOwn: true, class: failureClass },
          evidence,
          mayLoseAnother,
          idempotent,
        })),
      ),
    ),
  ),
);

/** Every combination that fits the pattern is decided so; and there is one. */
function expectDecision(decision: Decision, fits: (facts: Facts) => boolean): void {
  const matching = EVERY_COMBINATION.filter(fits);
  expect(matching.length).toBeGreaterThan(0);
  for (const facts of matching) expect(decide(facts), JSON.stringify(facts)).toBe(decision);
}

const isRepeatable = ({ idempotent, failure }: Facts) => idempotent || failure.class.nothingSent;
/** What a connect that finds no source address, a blackhole or a prohibiting route ends with, as the failures of an outage do. */
const isRouting = ({ failure: { class: is } }: Facts) =>
  is.kind === 'local' && ['EADDRNOTAVAIL', 'EINVAL', 'EACCES'].includes(is.code);
const isNetworkLike = (facts: Facts) =>
  facts.failure.endedBy === 'timeout' ||
  (facts.failure.endedBy === 'operation' && (facts.failure.class.kind === 'network' || isRouting(facts)));

describe('decide', () => {
  it('leaves an operation that wants to stop to p-retry', () => {
    expectDecision('spend', ({ failure }) => failure.endedBy === 'stop');
  });

  it('stops what may have been sent and must not be sent twice', () => {
    expectDecision('stop', (facts) => facts.failure.endedBy !== 'stop' && !isRepeatable(facts));
  });

  it('repeats an attempt that we interrupted ourselves', () => {
    expectDecision(
      'repeat',
      (facts) => facts.failure.endedBy === 'interruption' && isRepeatable(facts) && facts.mayLoseAnother,
    );
  });

  it('repeats a network-like failure in an outage', () => {
    expectDecision(
      'repeat',
      (facts) => isNetworkLike(facts) && isRepeatable(facts) && facts.mayLoseAnother && facts.evidence === 'outage',
    );
  });

  it('has the source look again after a network-like failure without an outage', () => {
    expectDecision(
      'ask',
      (facts) => isNetworkLike(facts) && isRepeatable(facts) && facts.mayLoseAnother && facts.evidence === 'not-asked',
    );
  });

  it('spends a network-like failure where the source has looked and found nothing', () => {
    expectDecision('spend', (facts) => isNetworkLike(facts) && isRepeatable(facts) && facts.evidence === 'none');
  });

  it('spends any other failure, outage or not', () => {
    expectDecision(
      'spend',
      (facts) => facts.failure.endedBy === 'operation' && !isNetworkLike(facts) && isRepeatable(facts),
    );
  });

  it('spends every failure once too many attempts were lost', () => {
    expectDecision('spend', (facts) => !facts.mayLoseAnother && isRepeatable(facts));
  });
});
