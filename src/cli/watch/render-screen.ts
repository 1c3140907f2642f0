import type { CheckResult, NetworkInterface, NetworkSnapshot, NetworkState } from '../../monitor/index.js';
import { type Appearance, paintOf } from '../text/appearance.js';
import { clockTime } from '../text/clock-time.js';
import { formatDuration } from '../text/duration.js';
import { columnsOf, cutTo, fitTo, printable } from '../text/fit.js';
import { formatRate } from '../text/rate.js';
import { describeEgress, describeSource, meaningOf } from '../text/words.js';
import { describeEntry } from './describe-entry.js';
import { layOut, type Section } from './layout.js';
import type { LogEntry, Model } from './model.js';
import { cellStates, ruler, windowOf } from './timeline.js';
import type { DestinationView, Moment, Way } from './watch-event.js';

/** What a frame is drawn for. */
export interface Frame {
  readonly columns: number;
  readonly rows: number;
  readonly now: Moment;
  readonly appearance: Appearance;
}

/** Model → screen: at most so many rows of at most so many columns. Pure. */
export function renderScreen(model: Model, frame: Frame): readonly string[] {
  const { columns, rows, appearance } = frame;
  const sections: readonly Section[] = [
    { title: '', lines: headline(model, frame), atLeast: 3 },
    { title: 'Interfaces', lines: interfaceLines(model, frame), atLeast: 2 },
    { title: 'Check hosts', lines: hostLines(model, frame), atLeast: 2 },
    { title: 'Destinations', lines: destinationLines(model, frame), atLeast: 2 },
    { title: timelineTitle(appearance), lines: timelineLines(model, frame), atLeast: 2 },
    {
      title: 'Events',
      lines: model.log.toReversed().map((entry) => entryLine(entry, frame)),
      atLeast: 5,
      takesRest: true,
    },
  ];
  const more = (count: number): string => appearance.colours.dim(`  ${appearance.signs.ellipsis} and ${count} more`);
  const body = layOut(sections, { rows: rows - 1, title: appearance.colours.strong, more });
  const footer = appearance.colours.dim('q quit');
  return [...body, footer].slice(0, Math.max(0, rows)).map((line) => cutTo(line, columns, appearance.signs.ellipsis));
}

function headline({ state, reason, since, sample }: Model, { columns, now, appearance }: Frame): readonly string[] {
  const { colours, signs } = appearance;
  const badge = colours.strong(paintOf(state, colours)(`${signs.state[state]} ${state.toUpperCase()}`));
  const left = `${badge} ${reason}, for ${formatDuration(wholeSeconds(now.clock - since.clock))}`;
  const right = `netpause ${clockTime(now.at)}`;
  const egress = sample?.snapshot.egress;
  const out = egress === undefined ? '' : `; out by ${describeEgress(egress)}`;
  return [
    spread(left, colours.dim(right), columns),
    colours.dim(`${meaningOf({ reason, hasWay: sample === undefined || egress !== undefined })}${out}`),
    ...(sample === undefined ? [] : sourceLine(sample.snapshot, appearance)),
  ];
}

/** Where the kernel itself tells of changes there is nothing to say. */
function sourceLine(snapshot: NetworkSnapshot, { colours }: Appearance): readonly string[] {
  return snapshot.source === 'netlink' ? [] : [colours.doubtful(`polled: ${describeSource(snapshot)}`)];
}

function interfaceLines({ sample, rates }: Model, { columns, appearance }: Frame): readonly string[] {
  const interfaces = [...(sample?.interfaces ?? [])].sort(byImportance(sample?.snapshot.egress?.interface));
  const nameWidth = widest(interfaces.map(({ name }) => name));
  return interfaces.map((each) => {
    const traffic = rates.get(each.name);
    const right = traffic === undefined ? '' : describeRates(traffic.received, traffic.sent, appearance);
    const left = `${carrierSign(each, appearance)} ${fitTo(printable(each.name), nameWidth)}  `;
    const room = columns - columnsOf(left) - columnsOf(right) - 2;
    return spread(left + describeLink(each, Math.max(0, room), appearance), right, columns);
  });
}

/** The way out first, then what has carrier, then the rest; the loopback, which is always there, last. */
function byImportance(egress: string | undefined) {
  const rank = ({ name, carrier, flags }: NetworkInterface): number => {
    if (name === egress) return 0;
    if (flags.includes('LOOPBACK')) return 3;
    return carrier ? 1 : 2;
  };
  return (a: NetworkInterface, b: NetworkInterface): number => rank(a) - rank(b);
}

function carrierSign({ carrier }: NetworkInterface, { colours, signs }: Appearance): string {
  return carrier ? colours.good(signs.carrier) : colours.dim(signs.noCarrier);
}

/** What is wrong with it, then as many of its addresses as there is room for. */
function describeLink(
  { carrier, flags, addresses }: NetworkInterface,
  room: number,
  { colours, signs }: Appearance,
): string {
  const isSetUp = flags.length === 0 || flags.includes('UP');
  const trouble = !isSetUp ? 'set down' : carrier ? '' : 'no carrier';
  const list = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  const shown: string[] = trouble === '' ? [] : [colours.bad(trouble)];
  for (const [index, address] of list.entries()) {
    const left = list.length - index - 1;
    const rest = left === 0 ? '' : ` +${left}`;
    if (columnsOf([...shown, address].join(' ') + rest) > room) {
      return cutTo([...shown, `+${list.length - index}`].join(' '), room, signs.ellipsis);
    }
    shown.push(address);
  }
  return cutTo(shown.join(' '), room, signs.ellipsis);
}

function describeRates(received: number, sent: number, { signs }: Appearance): string {
  return `${signs.received} ${formatRate(received).padStart(8)} ${signs.sent} ${formatRate(sent).padStart(8)}`;
}

function hostLines({ sample }: Model, { appearance }: Frame): readonly string[] {
  const hosts = sample?.checkHosts ?? [];
  const names = hosts.map(({ destination }) => printable(destination));
  const ways = hosts.map(({ way }) => describeWay(way));
  const [nameWidth, wayWidth] = [widest(names), widest(ways)];
  return hosts.map(({ destination, way }, index) => {
    const results = sample?.snapshot.checks.filter(({ host }) => host === destination) ?? [];
    const paint = way.kind === 'closed' ? appearance.colours.bad : appearance.colours.dim;
    const cells = [fitTo(names[index] ?? '', nameWidth), paint(fitTo(ways[index] ?? '', wayWidth))];
    return `  ${[...cells, ...results.map((result) => describeResult(result, appearance))].join('  ')}`;
  });
}

function describeWay(way: Way): string {
  if (way.kind === 'open') {
    const { interface: name, gateway } = way.egress;
    return printable(gateway === undefined ? name : `${name} via ${gateway}`);
  }
  if (way.kind === 'unknown') return 'no way known';
  return printable(way.interface === undefined ? way.reason : `${way.reason} on ${way.interface}`);
}

function describeResult(
  { port, reachable, duration, error = 'silent' }: CheckResult,
  { colours, signs }: Appearance,
): string {
  if (reachable) return `${colours.good(signs.good)} ${port} ${formatDuration(duration)}`;
  return `${colours.bad(signs.bad)} ${port} ${error}`;
}

function destinationLines({ sample }: Model, { appearance: { colours } }: Frame): readonly string[] {
  const destinations = sample?.destinations ?? [];
  const nameWidth = widest(destinations.map(({ destination }) => printable(destination)));
  const stateOf = ({ state, reason }: DestinationView): string => `${state} (${reason})`;
  const stateWidth = widest(destinations.map(stateOf));
  return destinations.map((each) => {
    const state = paintOf(each.state, colours)(fitTo(stateOf(each), stateWidth));
    return `  ${fitTo(printable(each.destination), nameWidth)}  ${state}  ${colours.dim(describeWay(each.way))}`;
  });
}

function timelineTitle({ signs }: Appearance): string {
  const legend = STATES.map((state) => `${signs.state[state]} ${state}`).join('  ');
  return `Timeline   ${legend}`;
}

const STATES: readonly NetworkState[] = ['up', 'degraded', 'down', 'unknown'];

function timelineLines(
  { timeline }: Model,
  { columns, now, appearance: { colours, signs } }: Frame,
): readonly string[] {
  const window = windowOf(Math.max(1, columns - 4), now.clock);
  const states = cellStates(timeline, window);
  const bar = states.map((state) => (state === undefined ? ' ' : paintOf(state, colours)(signs.state[state]))).join('');
  return [`  ${bar}`, colours.dim(`  ${ruler(window, signs.minus)}`)];
}

function entryLine(entry: LogEntry, { appearance }: Frame): string {
  const { text, tone } = describeEntry(entry, appearance.signs);
  return `  ${appearance.colours.dim(clockTime(entry.at))}  ${appearance.colours[tone](printable(text))}`;
}

/** One text at the left end and one at the right; where there is no room for both, the left one alone. */
function spread(left: string, right: string, columns: number): string {
  const room = columns - columnsOf(right);
  return columnsOf(left) < room ? fitTo(left, room) + right : left;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => columnsOf(printable(text))));
}

function wholeSeconds(duration: number): number {
  return Math.max(0, Math.floor(duration / 1_000)) * 1_000;
}
