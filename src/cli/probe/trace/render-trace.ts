import type { Appearance } from '../../text/appearance.js';
import { alignColumns } from '../../text/fit.js';
import { formatPercent } from '../../text/percent.js';
import { formatMilliseconds } from '../../text/rtt.js';
import { describeGeo } from '../describe-geo.js';
import type { PathAddress, PathFacts, PathHop } from '../result-kinds.js';
import { describeSigns, describeWho, LIMITED } from './address-words.js';

/** What one trace found as a table, each address of a hop on a line of its own. Pure. */
export function renderTrace(facts: PathFacts, appearance: Appearance): readonly string[] {
  const { colours } = appearance;
  if (facts.hops.length === 0) return [];
  const goesOn = lossOfPath(facts);
  const rows = facts.hops.flatMap((hop) => rowsOf(hop, facts, goesOn, appearance));
  const [head = '', ...lines] = alignColumns([HEAD, ...rows]);
  return [colours.dim(head), ...lines, ...explain(facts, appearance)].map((line) => `  ${line}`);
}

const HEAD = ['HOP', 'LOSS', 'MIN ms', 'AVG ms', 'MAX ms', 'HOST'] as const;

type Row = readonly string[];

function rowsOf(hop: PathHop, facts: PathFacts, goesOn: number, appearance: Appearance): readonly Row[] {
  const { colours } = appearance;
  const [first, ...others] = hop.addresses;
  const loss = lossCell(hop, goesOn, appearance);
  if (first === undefined) return [[hopCell(hop), loss, '-', '-', '-', colours.dim('no answer')]];
  const host = (address: PathAddress): string => hostCell(address, hop, facts, appearance);
  return [
    [hopCell(hop), loss, ...timeCells(first.rtts), host(first)],
    ...others.map((address) => ['', '', ...timeCells(address.rtts), host(address)]),
  ];
}

function hopCell({ ttl }: PathHop): string {
  return String(ttl).padStart(3);
}

/** Only a loss that goes on to the target is one of the path. */
function lossCell({ loss, rateLimited }: PathHop, goesOn: number, { colours }: Appearance): string {
  const text = `${formatPercent(loss)}${rateLimited === true ? ' *' : ''}`;
  return loss > 0 && loss <= goesOn ? colours.bad(text) : text;
}

/** Which fraction was lost on the whole way. */
function lossOfPath({ reached, hops }: PathFacts): number {
  return reached ? (hops.at(-1)?.loss ?? 1) : 1;
}

function timeCells(rtts: readonly number[]): Row {
  if (rtts.length === 0) return ['-', '-', '-'];
  const average = rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length;
  return [Math.min(...rtts), average, Math.max(...rtts)].map(formatMilliseconds);
}

function hostCell(address: PathAddress, hop: PathHop, facts: PathFacts, { colours }: Appearance): string {
  const signs = describeSigns(address).map((sign) => ` ${colours.doubtful(sign)}`);
  const flows = facts.flows.length > 1 && hop.addresses.length > 1 ? ` flow ${address.flows.join(', ')}` : '';
  const loop = facts.loop?.addresses.includes(address.address) && hop.ttl >= facts.loop.ttl ? ' loop' : '';
  const place = address.geo === undefined ? '' : `  ${describeGeo(address.geo)}`;
  return `${describeWho(address)}${signs.join('')}${colours.bad(loop)}${colours.dim(`${flows}${place}`)}`;
}

function explain({ hops }: PathFacts, { colours }: Appearance): readonly string[] {
  return hops.some(({ rateLimited }) => rateLimited === true) ? [colours.dim(LIMITED)] : [];
}
