import { escapeText } from '../escape-text.js';
import { failedBy } from '../failure.js';
import type { ProbeVerdict } from '../result.js';
import { matcherOf, type TextPattern } from '../text-pattern.js';
import type { TlsFacts } from '../tls/tls-facts.js';
import type { HttpAnswer } from './answer.js';
import type { HttpProbeOptions, StatusPattern } from './http-options.js';
import type { HttpBody } from './read-body.js';

export type Expectations = Pick<
  HttpProbeOptions,
  'status' | 'expectHeaders' | 'expectBody' | 'rejectBody' | 'largeBody' | 'minCertificateDays'
>;

/** An answer as it is judged. */
export interface Answered {
  readonly answer: HttpAnswer;
  readonly body: HttpBody;
  readonly tls: TlsFacts | undefined;
}

const OK: ProbeVerdict = { status: 'ok' };

/** Whether an answer is what is expected; of several things that are wrong, the first in the order of the answer. */
export function judgeAnswer({ answer, body, tls }: Answered, expected: Expectations, now: number): ProbeVerdict {
  const steps: readonly (() => ProbeVerdict)[] = [
    () => judgeStatus(answer.status, expected.status),
    () => judgeHeaders(answer.headers, expected.expectHeaders ?? {}),
    () => judgeBody(body, expected),
    () => judgeExpiry(tls, expected.minCertificateDays ?? 0, now),
  ];
  for (const step of steps) {
    const verdict = step();
    if (verdict.status !== 'ok') return verdict;
  }
  return OK;
}

/** Whether a status is among those that are good. */
export function isExpectedStatus(status: number, expected: readonly StatusPattern[] = ['2xx']): boolean {
  return expected.some((each) => each === status || each === `${Math.floor(status / 100)}xx`);
}

function judgeStatus(status: number, expected: readonly StatusPattern[] = ['2xx']): ProbeVerdict {
  if (isExpectedStatus(status, expected)) return OK;
  return failedBy('target', 'unexpected-status', `the status is ${status}, not ${expected.join(' or ')}`);
}

function judgeHeaders(
  headers: ReadonlyMap<string, string>,
  expected: Readonly<Record<string, TextPattern>>,
): ProbeVerdict {
  for (const [name, pattern] of Object.entries(expected)) {
    const value = headers.get(name.toLowerCase());
    if (value === undefined) return failedBy('target', 'unexpected-header', `the header field ${name} is missing`);
    const fits = typeof pattern === 'string' ? value === pattern : matcherOf(pattern).matches(value);
    if (!fits) {
      const wanted = matcherOf(pattern).description;
      return failedBy(
        'target',
        'unexpected-header',
        `the header field ${name} is "${escapeText(value, 100)}", not ${wanted}`,
      );
    }
  }
  return OK;
}

function judgeBody(body: HttpBody, { expectBody, rejectBody, largeBody }: Expectations): ProbeVerdict {
  if (body.isTruncated && largeBody === 'fail') {
    return failedBy(
      'target',
      'body-too-large',
      `the body is longer than the ${body.decodedBytes} bytes that may be read`,
    );
  }
  if (expectBody === undefined && rejectBody === undefined) return OK;
  const { text, isTruncated } = body;
  if (text === undefined)
    return failedBy('target', 'unknown-encoding', 'the body is encoded in a way that cannot be read here');
  if (rejectBody !== undefined && matcherOf(rejectBody).matches(text)) {
    return failedBy('target', 'unexpected-body', `${matcherOf(rejectBody).description} is in the body`);
  }
  if (expectBody === undefined || matcherOf(expectBody).matches(text)) return OK;
  const where = isTruncated ? `the first ${body.decodedBytes} bytes of the body` : 'the body';
  return failedBy('target', 'unexpected-body', `${matcherOf(expectBody).description} is not in ${where}`);
}

const DAY = 86_400_000;

function judgeExpiry(tls: TlsFacts | undefined, minDays: number, now: number): ProbeVerdict {
  if (tls?.certificate === undefined || minDays === 0) return OK;
  const { chainValidTo } = tls.certificate;
  if (chainValidTo >= now + minDays * DAY) return OK;
  const when = new Date(chainValidTo).toISOString();
  return failedBy(
    'target',
    'certificate-expires-soon',
    `a certificate expires on ${when}, in less than ${minDays} days`,
  );
}
