import { failedBy } from '../failure.js';
import type { Measurement } from '../result.js';
import type { ProbeRun } from '../run-probe.js';
import { askSystem } from './ask-system.js';
import { type DnsFacts, dnsFacts } from './dns-facts.js';
import { DEFAULT_TIMEOUT, type DnsProbeOptions, expectationOf } from './dns-options.js';
import type { DnsPhase } from './exchange.js';
import { judgeAnswer } from './judge-answer.js';
import type { DnsQuestion } from './question.js';

/** Asks the name servers of this system. */
export async function probeSystem(
  question: DnsQuestion,
  options: DnsProbeOptions,
  { signal }: ProbeRun,
): Promise<Measurement<DnsFacts, DnsPhase>> {
  const asked = { question, server: 'system', transport: 'system' } as const;
  const asking = { truncated: false, queries: 1, ignored: 0 };
  const outcome = await askSystem(question, signal);
  if (outcome.kind === 'failure') {
    const verdict = outcome.failure ?? silence(options);
    return { verdict, samples: [], timings: {}, facts: dnsFacts(asked, asking) };
  }
  const { rcode, answers, duration } = outcome;
  const told = { rcode, answers, answerCount: answers.length, matchingCount: answers.length };
  return {
    verdict: judgeAnswer(told, { ...expectationOf(options), blame: 'resolver' }),
    samples: [duration],
    timings: { query: duration },
    facts: dnsFacts(asked, asking, told),
  };
}

function silence({ timeout = DEFAULT_TIMEOUT }: DnsProbeOptions) {
  return failedBy('resolver', 'resolver-timeout', `no name server of this system answered within ${timeout} ms`);
}
