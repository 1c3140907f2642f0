import { canonicalAddress } from '../../names/index.js';
import { escapeText } from '../escape-text.js';
import { failedBy } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { FailureSource, ProbeVerdict } from '../result.js';
import { matcherOf, type TextPattern } from '../text-pattern.js';
import type { DnsAnswer } from './message.js';
import { recordTypeName } from './record-types.js';

/** What an answer has to be. */
export interface Expectation {
  readonly type: number;
  readonly rcode: string;
  readonly minAnswers: number;
  readonly expect: readonly TextPattern[];
  /** Whose fault it is where it is not. */
  readonly blame: Extract<FailureSource, 'target' | 'resolver'>;
}

/** An answer, as far as it is judged. */
export interface Judged {
  readonly rcode: string;
  readonly answers: readonly DnsAnswer[];
  /** Records of the type that was asked for: the CNAMEs on the way to nowhere are no answer. */
  readonly matchingCount: number;
}

/** Whether an answer is what it has to be. */
export function judgeAnswer(answer: Judged, expectation: Expectation): ProbeVerdict {
  const { rcode, minAnswers, type, blame } = expectation;
  if (answer.rcode !== rcode) {
    return failedBy(
      blame,
      RCODE_REASONS.get(answer.rcode) ?? 'wrong-rcode',
      `the answer is ${answer.rcode}, not ${rcode}`,
    );
  }
  const { matchingCount: count } = answer;
  if (count < minAnswers) {
    const wanted = minAnswers === 1 ? 'none' : `${count} of at least ${minAnswers}`;
    return failedBy(blame, 'no-answer-records', `of ${recordTypeName(type)} records there are ${wanted}`);
  }
  try {
    const missing = expectation.expect.find((pattern) => !answer.answers.some((record) => fits(record, pattern)));
    return missing === undefined
      ? { status: 'ok' }
      : failedBy(blame, 'wrong-answer', describeMissing(missing, answer.answers));
  } catch (error) {
    if (error instanceof ProbeFailedError) return error.failure;
    throw error;
  }
}

const RCODE_REASONS: ReadonlyMap<string, string> = new Map([
  ['NXDOMAIN', 'nxdomain'],
  ['SERVFAIL', 'servfail'],
  ['REFUSED', 'refused-by-server'],
]);

function fits(answer: DnsAnswer, pattern: TextPattern): boolean {
  if (typeof pattern !== 'string') return matcherOf(pattern).matches(answer.data);
  return answer.data === pattern || (!LITERAL.has(answer.type) && comparable(answer.data) === comparable(pattern));
}

/** What they hold is compared as it stands: texts, keys in base64, protocols. */
const LITERAL: ReadonlySet<string> = new Set([
  'TXT',
  'SPF',
  'CAA',
  'HINFO',
  'NAPTR',
  'URI',
  'DNSKEY',
  'RRSIG',
  'SVCB',
  'HTTPS',
]);

/** Names are alike whatever their case, and with their final dot or without (RFC 4343). */
function comparable(text: string): string {
  return canonicalAddress(text)
    .toLowerCase()
    .replace(/\.(?= |$)/g, '');
}

function describeMissing(pattern: TextPattern, answers: readonly DnsAnswer[]): string {
  const shown = answers.slice(0, 5).map(({ type, data }) => `${type} ${data.slice(0, 100)}`);
  const more = answers.length > shown.length ? ` and ${answers.length - shown.length} more` : '';
  // What it was read from is escaped already, so that nothing here can do any harm.
  return `nothing among the answers is ${wanted(pattern)}: ${shown.join(', ') || 'there are none'}${more}`;
}

function wanted(pattern: TextPattern): string {
  return typeof pattern === 'string' ? escapeText(pattern, 100) : `like ${matcherOf(pattern).description}`;
}
