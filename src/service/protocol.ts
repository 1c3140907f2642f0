import { inspect } from 'node:util';
import type { TargetOptions } from '../monitor/index.js';
import { boolean, nonEmptyString, type OptionRule, type OptionRules, wholeNumberFrom } from '../options/index.js';
import type { Judgement, NetworkReason, NetworkState } from '../state/index.js';

/**
 * What the one that follows a shared network sends, with a name of its own: a process has one channel, and there may be several that follow
 * over it.
 */
export type FollowerMessage = { readonly follower: string } & (
  | FollowerRequest
  /** Is the owner there? */
  | { readonly type: 'ping' }
);

/** What a follower says of one of its sources. Each has a number: 0 is the host, every other one a destination. */
export type FollowerRequest = { readonly source: number } & (
  | { readonly type: 'open'; readonly subject?: Destination }
  /** The source is not needed for now. */
  | { readonly type: 'close' }
  /** Somebody waits for the network, or nobody any more. */
  | { readonly type: 'wait' | 'leave' }
  | { readonly type: 'report'; readonly report: number; readonly outcome: ReportedOutcome }
  | { readonly type: 'track' | 'release'; readonly work: number }
);

/** What the one that has the monitor sends. */
export type OwnerMessage =
  /** The owner is there: follower, say what you need. */
  | { readonly type: 'hello' }
  /** The owner will say nothing more. */
  | { readonly type: 'bye' }
  | ({ readonly follower: string } & (
      | OwnerNews
      /** Yes, it is there. */
      | { readonly type: 'pong' }
    ));

/** What the owner says of one source to the follower that asked about it. */
export type OwnerNews = { readonly source: number } & (
  | { readonly type: 'state'; readonly view: SourceView }
  /** There can be no such source. */
  | { readonly type: 'refused'; readonly because: string }
  /** What came of a report is known; every `state` that it led to was sent before. */
  | { readonly type: 'reported'; readonly report: number }
  | { readonly type: 'stranded'; readonly work: number; readonly reason: NetworkReason }
);

/** A destination that is judged by itself; see `NetworkMonitor.target`. */
export interface Destination {
  readonly destination: string;
  readonly options: TargetOptions;
}

/** All that a `NetworkSource` shows of itself. */
export interface SourceView {
  readonly judgement: Judgement;
  readonly interface?: string;
  readonly allowsTrials: boolean;
  readonly flapping: boolean;
}

/** A `WorkOutcome` of which only the code of the error is left: an error cannot cross as it is, and its message may hold secrets. */
export type ReportedOutcome = { readonly ok: true } | { readonly ok: false; readonly code?: string };

/** What arrived, told apart from what others send over the same channel. */
export type Parsed<Message> =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'broken'; readonly problem: string };

/** Puts a message into the envelope by which the other end knows it. */
export function enclose(message: FollowerMessage | OwnerMessage): object {
  return { [MARK]: VERSION, ...message };
}

/** Reads a message of the follower. Total: whatever arrives gives one of the three. */
export function parseFollowerMessage(value: unknown): Parsed<FollowerMessage> {
  return parse(value, readFollowerMessage);
}

/** Reads a message of the owner. Total: whatever arrives gives one of the three. */
export function parseOwnerMessage(value: unknown): Parsed<OwnerMessage> {
  return parse(value, readOwnerMessage);
}

/** What can be sent; whether it also makes sense is found out by whoever has the monitor. */
export const TARGET_OPTION_RULES: OptionRules<TargetOptions> = {
  via: nonEmptyString,
  source: nonEmptyString,
  mark: wholeNumberFrom(0, 2 ** 32 - 1),
  interface: nonEmptyString,
  askDestination: boolean,
};

/** The judgement that a state and a reason make, or, where they do not go together, the state without an explanation. */
export function judgementOf(state: NetworkState, reason: NetworkReason | undefined): Judgement {
  return findJudgement(state, reason) ?? UNEXPLAINED[state];
}

/** The channel may carry messages of the program's own as well. */
const MARK = 'netpause/shared-network';

/** To be raised with every change of the messages that an older end would misread. */
const VERSION = 2;

/** Longer than any destination, option, code or name of an interface: a DNS name has 253 characters. */
const LONGEST_TEXT = 4_096;

/** What can be sent as a text; a longer one would be taken for a broken message. */
export const textRule: OptionRule = { allowed: `a string of at most ${LONGEST_TEXT} characters`, accepts: isText };

/** Characters of a message that makes no sense which are shown: enough to see what it is, and a bound on what gets into a log. */
const LONGEST_GLIMPSE = 1_000;

type Fields = Readonly<Record<string, unknown>>;

function parse<Message>(value: unknown, read: (fields: Fields) => Message | undefined): Parsed<Message> {
  if (!isFields(value) || !Object.hasOwn(value, MARK)) return { kind: 'foreign' };
  const version = value[MARK];
  if (version !== VERSION) {
    return { kind: 'broken', problem: `speaks version ${glimpse(version)} of the protocol, and this is ${VERSION}` };
  }
  const message = read(value);
  if (message !== undefined) return { kind: 'message', message };
  return { kind: 'broken', problem: `sent ${glimpse(value)}` };
}

function glimpse(value: unknown): string {
  return inspect(value, { depth: 2, maxStringLength: 80, breakLength: Infinity }).slice(0, LONGEST_GLIMPSE);
}

function readFollowerMessage(fields: Fields): FollowerMessage | undefined {
  const { type, follower } = fields;
  if (!isText(follower)) return undefined;
  if (type === 'ping') return { type, follower };
  const request = readRequest(fields);
  return request && { ...request, follower };
}

function readRequest(fields: Fields): FollowerRequest | undefined {
  const { type, source, report, work } = fields;
  if (!isNumber(source)) return undefined;
  switch (type) {
    case 'open':
      return readOpen(source, fields['subject']);
    case 'close':
    case 'wait':
    case 'leave':
      return { type, source };
    case 'report': {
      const outcome = readOutcome(fields['outcome']);
      return isNumber(report) && outcome !== undefined ? { type, source, report, outcome } : undefined;
    }
    case 'track':
    case 'release':
      return isNumber(work) ? { type, source, work } : undefined;
    default:
      return undefined;
  }
}

function readOpen(source: number, value: unknown): FollowerRequest | undefined {
  if (value === undefined) return { type: 'open', source };
  const subject = readDestination(value);
  return subject && { type: 'open', source, subject };
}

function readDestination(value: unknown): Destination | undefined {
  if (!isFields(value) || !isText(value['destination'])) return undefined;
  const options = readTargetOptions(value['options']);
  return options && { destination: value['destination'], options };
}

function readTargetOptions(value: unknown): TargetOptions | undefined {
  if (!isFields(value)) return undefined;
  const rules: Readonly<Record<string, OptionRule>> = TARGET_OPTION_RULES;
  const isFit = ([name, option]: readonly [string, unknown]): boolean =>
    Object.hasOwn(rules, name) && (option === undefined || rules[name]?.accepts(option) === true);
  if (!Object.entries(value).every(isFit)) return undefined;
  const { via, source, mark, interface: name, askDestination } = value;
  return {
    ...(isText(via) && { via }),
    ...(isText(source) && { source }),
    ...(typeof mark === 'number' && { mark }),
    ...(isText(name) && { interface: name }),
    ...(typeof askDestination === 'boolean' && { askDestination }),
  };
}

function readOutcome(value: unknown): ReportedOutcome | undefined {
  if (!isFields(value)) return undefined;
  const { ok, code } = value;
  if (ok === true) return { ok };
  if (ok !== false || !(code === undefined || isText(code))) return undefined;
  return { ok, ...(code !== undefined && { code }) };
}

function readOwnerMessage(fields: Fields): OwnerMessage | undefined {
  const { type, follower } = fields;
  if (type === 'hello' || type === 'bye') return { type };
  if (!isText(follower)) return undefined;
  if (type === 'pong') return { type, follower };
  const news = readNews(fields);
  return news && { ...news, follower };
}

function readNews(fields: Fields): OwnerNews | undefined {
  const { type, source, report, work, because } = fields;
  if (!isNumber(source)) return undefined;
  switch (type) {
    case 'state': {
      const view = readView(fields['view']);
      return view && { type, source, view };
    }
    case 'refused':
      return isText(because) ? { type, source, because } : undefined;
    case 'reported':
      return isNumber(report) ? { type, source, report } : undefined;
    case 'stranded': {
      const reason = readReason(fields['reason']);
      return isNumber(work) && reason !== undefined ? { type, source, work, reason } : undefined;
    }
    default:
      return undefined;
  }
}

function readView(value: unknown): SourceView | undefined {
  if (!isFields(value) || !isFields(value['judgement'])) return undefined;
  const { interface: name, allowsTrials, flapping } = value;
  const judgement = findJudgement(value['judgement']['state'], value['judgement']['reason']);
  if (judgement === undefined || typeof allowsTrials !== 'boolean' || typeof flapping !== 'boolean') return undefined;
  if (name !== undefined && !isText(name)) return undefined;
  return { judgement, allowsTrials, flapping, ...(name !== undefined && { interface: name }) };
}

function readReason(value: unknown): NetworkReason | undefined {
  return JUDGEMENTS.find(({ reason }) => reason === value)?.reason;
}

function findJudgement(state: unknown, reason: unknown): Judgement | undefined {
  return JUDGEMENTS.find((judgement) => judgement.state === state && judgement.reason === reason);
}

const JUDGEMENTS: readonly Judgement[] = [
  { state: 'unknown', reason: 'not-judged' },
  { state: 'unknown', reason: 'stopped' },
  { state: 'up', reason: 'reachable' },
  { state: 'up', reason: 'path' },
  { state: 'degraded', reason: 'partly-unreachable' },
  { state: 'degraded', reason: 'unverified' },
  { state: 'degraded', reason: 'checks-disagree' },
  { state: 'down', reason: 'no-carrier' },
  { state: 'down', reason: 'link-down' },
  { state: 'down', reason: 'no-address' },
  { state: 'down', reason: 'no-route' },
  { state: 'down', reason: 'unreachable' },
];

/** What a state amounts to where its source does not say why. */
const UNEXPLAINED: Readonly<Record<NetworkState, Judgement>> = {
  unknown: { state: 'unknown', reason: 'not-judged' },
  up: { state: 'up', reason: 'path' },
  degraded: { state: 'degraded', reason: 'unverified' },
  down: { state: 'down', reason: 'unreachable' },
};

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number that one end gave to something, so that the other can speak of it. */
function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Whether a value can be sent as a text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TEXT;
}
