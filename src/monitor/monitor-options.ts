import { type LogFunction, type Logger, loggerRule } from '../log/index.js';
import { isHost } from '../names/index.js';
import {
  arrayOf,
  boolean,
  checkOptions,
  milliseconds,
  type OptionRule,
  type OptionRules,
  oneOf,
  wholeNumberFrom,
} from '../options/index.js';
import type { CarrierGuardMode } from './carrier-guard.js';
import type { UrlCheck } from './http-check.js';

/** How a {@link NetworkMonitor} watches; every option has a default that suits a server on the internet. */
export interface NetworkMonitorOptions {
  /**
   * Hosts whose answer proves that the network reaches beyond this machine: IP addresses or names, which are connected to on every check
   * port; or http(s) URLs, as text or as `{ url, status }`, which must answer with that status and so tell a captive portal from the world.
   * An empty list leaves the verdict to the kernel's knowledge of links, addresses and routes alone.
   *
   * @default ['8.8.8.8', '1.1.1.1', '8.8.4.4']
   */
  readonly checkHosts?: readonly (string | UrlCheck)[] | undefined;
  /**
   * TCP ports to try on each check host, all at once; one answer, a refusal included, is enough.
   *
   * @default [53, 443]
   */
  readonly checkPorts?: readonly number[] | undefined;
  /**
   * Milliseconds between two rounds of checks while nothing happens. Events of the kernel and failing work are followed up at once,
   * whatever this is.
   *
   * @default 10_000
   */
  readonly checkInterval?: number | undefined;
  /**
   * Milliseconds after which a check host that has not answered counts as silent.
   *
   * @default 3_000
   */
  readonly checkTimeout?: number | undefined;
  /**
   * Interfaces that count as a way out, by name or glob (`'eth*'`, `'wl?0'`). A path over any other interface counts as none.
   *
   * @default ['*']
   */
  readonly interfaces?: readonly string[] | undefined;
  /**
   * Whether to learn of changes from the kernel through rtnetlink. Without it, and where it cannot be had, the interfaces are polled.
   *
   * @default true
   */
  readonly enableNetlink?: boolean | undefined;
  /**
   * True: the `state` event comes when the state changes. False: it also comes after every finished round of checks.
   *
   * @default true
   */
  readonly notifyOnChange?: boolean | undefined;
  /**
   * A check host that has never answered on the present network cannot declare an outage, because it may just be blocked there. True says
   * that the check hosts are known to answer, so that their silence counts from the start.
   *
   * @default false
   */
  readonly trustCheckHosts?: boolean | undefined;
  /**
   * Whether to ask the links in use for their carrier every 50 ms, since the kernel may hold its own word back for a second:
   * `'while-working'` as long as work is in flight or waits, `'always'`, or `'off'`.
   *
   * @default 'while-working'
   */
  readonly carrierGuard?: CarrierGuardMode | undefined;
  /**
   * Milliseconds between two looks at the interfaces where netlink is not to be had. Where a look takes long, because there are very many of
   * them, the next one is put off, so that looking takes no more than a twentieth of the time.
   *
   * @default 1_000
   */
  readonly pollInterval?: number | undefined;
  /**
   * Where the monitor writes down what it sees: a network that goes down as `warn`, other changes of state as `info`, what it cannot read as
   * `warn`, links and checks as `debug`. `console`, a pino logger or anything else with these four methods gets one line of text at a time; a
   * function gets a {@link LogRecord}. What it throws becomes a process warning.
   */
  readonly logger?: Logger | LogFunction | undefined;
}

/** A check host that was read. */
export type ResolvedCheck =
  | { readonly kind: 'host'; readonly host: string }
  | ({ readonly kind: 'url'; readonly host: string; readonly port: number } & UrlCheck);

type Complete<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** The options with every default filled in. */
export type ResolvedMonitorOptions = Omit<Complete<NetworkMonitorOptions>, 'checkHosts' | 'logger'> & {
  readonly checkHosts: readonly ResolvedCheck[];
  readonly logger?: Logger | LogFunction;
};

const DEFAULTS: Complete<Omit<NetworkMonitorOptions, 'logger'>> = {
  checkHosts: ['8.8.8.8', '1.1.1.1', '8.8.4.4'],
  checkPorts: [53, 443],
  checkInterval: 10_000,
  checkTimeout: 3_000,
  interfaces: ['*'],
  enableNetlink: true,
  notifyOnChange: true,
  trustCheckHosts: false,
  carrierGuard: 'while-working',
  pollInterval: 1_000,
};

/** A bound on what one round may open: hosts × ports connections at once. */
const MOST_CHECK_HOSTS = 32;
const MOST_CHECK_PORTS = 16;

const checkRule: OptionRule = { allowed: 'a check host', accepts: (value) => readCheck(value) !== undefined };

const RULES: OptionRules<NetworkMonitorOptions> = {
  checkHosts: atMost(
    MOST_CHECK_HOSTS,
    arrayOf(
      checkRule,
      `an array of at most ${MOST_CHECK_HOSTS} IP addresses or host names, without ports and zones, or http(s) URLs`,
    ),
  ),
  checkPorts: atMost(
    MOST_CHECK_PORTS,
    atLeastOne(
      arrayOf(wholeNumberFrom(1, 65_535), `an array of 1 to ${MOST_CHECK_PORTS} port numbers from 1 to 65535`),
    ),
  ),
  checkInterval: milliseconds(100),
  checkTimeout: milliseconds(10),
  interfaces: atLeastOne(
    arrayOf(
      { allowed: '', accepts: (value) => typeof value === 'string' && value !== '' },
      'a non-empty array of interface names or globs',
    ),
  ),
  enableNetlink: boolean,
  notifyOnChange: boolean,
  trustCheckHosts: boolean,
  carrierGuard: oneOf('while-working', 'always', 'off'),
  pollInterval: milliseconds(50),
  logger: loggerRule,
};

/** @throws {InvalidOptionError} */
export function resolveMonitorOptions(options: NetworkMonitorOptions): ResolvedMonitorOptions {
  checkOptions('NetworkMonitor', options, RULES);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...DEFAULTS, ...given };
  const checks = resolved.checkHosts.map(readCheck).filter((check) => check !== undefined);
  const byLabel = new Map(checks.map((check) => [check.kind === 'url' ? check.url : check.host, check]));
  return { ...resolved, checkHosts: [...byLabel.values()], checkPorts: [...new Set(resolved.checkPorts)] };
}

function readCheck(value: unknown): ResolvedCheck | undefined {
  if (typeof value === 'string') return value.includes('://') ? readUrl(value, undefined) : readHost(value);
  if (typeof value !== 'object' || value === null || !('url' in value) || typeof value.url !== 'string')
    return undefined;
  if (Object.keys(value).some((name) => name !== 'url' && name !== 'status')) return undefined;
  const status = 'status' in value ? value.status : undefined;
  return status === undefined || isStatus(status) ? readUrl(value.url, status) : undefined;
}

function readHost(host: string): ResolvedCheck | undefined {
  return isHost(host) ? { kind: 'host', host } : undefined;
}

function readUrl(url: string, status: number | undefined): ResolvedCheck | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if ((protocol !== 'http:' && protocol !== 'https:') || !isHost(host)) return undefined;
  const known = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return { kind: 'url', url, host, port: known, ...(status !== undefined && { status }) };
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

function atLeastOne(rule: OptionRule): OptionRule {
  return { allowed: rule.allowed, accepts: (value) => rule.accepts(value) && Array.isArray(value) && value.length > 0 };
}

function atMost(most: number, rule: OptionRule): OptionRule {
  return {
    allowed: rule.allowed,
    accepts: (value) => rule.accepts(value) && Array.isArray(value) && value.length <= most,
  };
}
