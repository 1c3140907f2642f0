import type { ProbeResult } from '../../probes/index.js';
import type { Appearance } from '../text/appearance.js';
import { printable } from '../text/fit.js';
import { formatPercent } from '../text/percent.js';
import { formatRtt } from '../text/rtt.js';
import { describeBandwidth } from './bandwidth/describe-bandwidth.js';
import { describeGeo } from './describe-geo.js';
import { describeHost } from './host/render-host.js';
import { geoOf, isBandwidth, isHost, isTrace, type PathResult, voiceOf } from './result-kinds.js';
import { timeOf } from './tally.js';

/**
 * A result in words: what was found, from where, and how long it took.
 *
 * @param form `'long'` where its details follow: then what those tell is not said.
 */
export function describeResult(
  result: ProbeResult,
  { colours, signs }: Appearance,
  form: 'short' | 'long' = 'short',
): string {
  const { target, address, status } = result;
  const from = address === undefined || target.includes(address) ? '' : ` (${address})`;
  const who = printable(`${target}${from}`);
  if (status === 'ok') {
    // The handshake is not what a bandwidth test is about.
    const time = isBandwidth(result) ? undefined : timeOf(result);
    const took = time === undefined ? '' : ` in ${formatRtt(time)}`;
    return `${colours.good(signs.good)} ${who} ok${took}${withComma(describeFacts(result, form))}`;
  }
  const sign = status === 'failed' ? colours.bad(signs.bad) : colours.doubtful(signs.doubtful);
  return `${sign} ${who} ${status} (${describeFailure(result)}): ${printable(result.message ?? '')}${withComma(describeFacts(result, form))}`;
}

/** Why, and whose fault: `timeout, path`. */
export function describeFailure({ reason = 'unknown', failureSource = 'target' }: ProbeResult): string {
  return printable(`${reason}, ${failureSource}`);
}

/** What an engine has learnt beside, as far as people want to know it at once. */
function describeFacts(result: ProbeResult, form: 'short' | 'long'): readonly string[] {
  const geo = geoOf(result);
  const own = form === 'long' && (isBandwidth(result) || isHost(result)) ? [] : ownFacts(result);
  return [...own, ...describeVoice(result), ...(geo === undefined ? [] : [describeGeo(geo)])];
}

function ownFacts(result: ProbeResult): readonly string[] {
  if (isTrace(result)) return traceFacts(result);
  if (isBandwidth(result)) return describeBandwidth(result.facts);
  if (isHost(result)) return describeHost(result.facts);
  const read = FACTS.get(result.probe);
  return read === undefined ? [] : read((name) => Reflect.get(result.facts, name));
}

/** How speech would sound: R and MOS of each codec that was asked for. */
function describeVoice(result: ProbeResult): readonly string[] {
  return voiceOf(result).map(([codec, { r, mos }]) => `${codec} R ${r.toFixed(1)} MOS ${mos.toFixed(2)}`);
}

function traceFacts({ facts }: PathResult): readonly string[] {
  const { distance, hops, pathId } = facts;
  if (hops.length === 0) return [];
  const loss = facts.reached ? (hops.at(-1)?.loss ?? 1) : 1;
  const away = distance === undefined ? [] : [`${distance} ${distance === 1 ? 'hop' : 'hops'} away`];
  return [...away, `loss ${formatPercent(loss)}`, `path ${pathId}`];
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
