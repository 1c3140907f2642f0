import type { ProbeResult } from '../../probes/index.js';
import type { Appearance } from '../text/appearance.js';
import { printable } from '../text/fit.js';
import { formatRtt } from '../text/rtt.js';
import { timeOf } from './tally.js';

/** A result in words: what was found, from where, and how long it took. */
export function describeResult(result: ProbeResult, { colours, signs }: Appearance): string {
  const { target, address, status } = result;
  const from = address === undefined || target.includes(address) ? '' : ` (${address})`;
  const who = printable(`${target}${from}`);
  if (status === 'ok') {
    const time = timeOf(result);
    const took = time === undefined ? '' : ` in ${formatRtt(time)}`;
    return `${colours.good(signs.good)} ${who} ok${took}${withComma(describeFacts(result))}`;
  }
  const sign = status === 'failed' ? colours.bad(signs.bad) : colours.doubtful(signs.doubtful);
  return `${sign} ${who} ${status} (${describeFailure(result)}): ${printable(result.message ?? '')}${withComma(describeFacts(result))}`;
}

/** Why, and whose fault: `timeout, path`. */
export function describeFailure({ reason = 'unknown', failureSource = 'target' }: ProbeResult): string {
  return printable(`${reason}, ${failureSource}`);
}

/** What an engine has learnt beside, as far as people want to know it at once. */
function describeFacts({ probe, facts }: ProbeResult): readonly string[] {
  const read = FACTS.get(probe);
  return read === undefined ? [] : read((name) => Reflect.get(facts, name));
}

type Read = (name: string) => unknown;

const FACTS: ReadonlyMap<string, (read: Read) => readonly string[]> = new Map([
  ['http', httpFacts],
  ['dns', dnsFacts],
  ['ping', pingFacts],
]);

function httpFacts(read: Read): readonly string[] {
  const status = read('status');
  const version = read('httpVersion');
  return typeof status === 'number'
    ? [`status ${status}${typeof version === 'string' ? ` by HTTP/${version}` : ''}`]
    : [];
}

function dnsFacts(read: Read): readonly string[] {
  const rcode = read('rcode');
  const answers = read('answers');
  const data = Array.isArray(answers) ? answers.map((each: unknown) => dataOf(each)) : [];
  const shown =
    data.slice(0, MOST_ANSWERS).join(' ') + (data.length > MOST_ANSWERS ? ` +${data.length - MOST_ANSWERS}` : '');
  return [...(typeof rcode === 'string' ? [rcode] : []), ...(shown === '' ? [] : [shown])];
}

function pingFacts(read: Read): readonly string[] {
  const [sent, received] = [read('sent'), read('received')];
  return typeof sent === 'number' && sent > 1 ? [`${received} of ${sent} answered`] : [];
}

function dataOf(answer: unknown): string {
  const data: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'data') : undefined;
  return typeof data === 'string' ? data : '';
}

const MOST_ANSWERS = 4;

function withComma(parts: readonly string[]): string {
  return parts.map((part) => `, ${printable(part)}`).join('');
}
