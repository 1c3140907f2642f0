import { Chalk, type ColorSupportLevel } from 'chalk';
import type { NetworkState } from '../../state/index.js';

type Paint = (text: string) => string;

/** The colours of the command; none carries a meaning that is not also in words or in the shape of a sign. */
export interface Colours {
  readonly good: Paint;
  readonly doubtful: Paint;
  readonly bad: Paint;
  readonly dim: Paint;
  readonly strong: Paint;
}

/** The signs that the command draws with. */
export interface Signs {
  readonly state: Readonly<Record<NetworkState, string>>;
  readonly good: string;
  readonly doubtful: string;
  readonly bad: string;
  readonly carrier: string;
  readonly noCarrier: string;
  readonly received: string;
  readonly sent: string;
  readonly arrow: string;
  readonly ellipsis: string;
  readonly minus: string;
  /** From the lowest to the highest. */
  readonly bars: readonly string[];
}

/** How a terminal, or what stands in its place, is written to. */
export interface Appearance {
  readonly colours: Colours;
  readonly signs: Signs;
}

/** What decides over the appearance. */
export interface AppearanceFacts {
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function appearanceFor(facts: AppearanceFacts): Appearance {
  return { colours: coloursFor(hasColour(facts)), signs: speaksUtf8(facts.env) ? UNICODE : ASCII };
}

/** The paint of a state. */
export function paintOf(state: NetworkState, colours: Colours): Paint {
  if (state === 'up') return colours.good;
  if (state === 'down') return colours.bad;
  return state === 'degraded' ? colours.doubtful : colours.dim;
}

/** Colour is for terminals. FORCE_COLOR goes before NO_COLOR, as in Node's own `getColorDepth`. */
export function hasColour({ isTerminal, env }: AppearanceFacts): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  // https://no-color.org: when present and not empty.
  if (no !== undefined && no !== '') return false;
  return isTerminal && terminal !== 'dumb';
}

/** By the locale, in the order in which setlocale(3) looks. Without any, as in many containers, terminals speak UTF-8 nowadays. */
export function speaksUtf8(env: AppearanceFacts['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return locale === undefined || /utf-?8/i.test(locale);
}

function coloursFor(wanted: boolean): Colours {
  // The terminal's own sixteen: they fit its background, whatever that is.
  const level: ColorSupportLevel = wanted ? 1 : 0;
  const chalk = new Chalk({ level });
  return { good: chalk.green, doubtful: chalk.yellow, bad: chalk.red, dim: chalk.dim, strong: chalk.bold };
}

const UNICODE: Signs = {
  state: { up: '█', degraded: '▄', down: '_', unknown: '·' },
  good: '✓',
  doubtful: '!',
  bad: '✗',
  carrier: '●',
  noCarrier: '○',
  received: '↓',
  sent: '↑',
  arrow: '→',
  ellipsis: '…',
  minus: '−',
  bars: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};

const ASCII: Signs = {
  state: { up: '#', degraded: '+', down: '_', unknown: '.' },
  good: '+',
  doubtful: '!',
  bad: 'x',
  carrier: '*',
  noCarrier: 'o',
  received: 'rx',
  sent: 'tx',
  arrow: '->',
  ellipsis: '~',
  minus: '-',
  bars: ['_', '.', '-', '=', '*', '#'],
};
