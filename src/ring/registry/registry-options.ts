import { InvalidOptionError } from '../../errors/index.js';
import {
  checkOptions,
  functionRule,
  milliseconds,
  networkSourceRule,
  numberFrom,
  type OptionRules,
  objectWith,
} from '../../options/index.js';
import type { NetworkSource } from '../../retry/index.js';
import type { WebServiceOptions } from '../../server/index.js';
import type { RecordStore } from '../../store/index.js';
import { type AlertEvent, CHECK_INTERVALS, type ExpectedMembers } from '../expected/index.js';
import { type AlertWebhook, webhooksRule } from './alert-webhook.js';

/** Options of `createRegistry`; those of listening beside. */
export interface RegistryOptions extends Omit<WebServiceOptions, 'host' | 'port' | 'readOnly' | 'maxBody'> {
  /** The IP address to listen on. Another one than loopback needs `tokens`. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** Bytes that a request's body may have. @default 4_194_304 */
  readonly maxBody?: number | undefined;
  /** 0 for any that is free. @default 8756 */
  readonly port?: number | undefined;
  /** Where members and reports are kept. It is started, and closed with the registry. @default in memory */
  readonly store?: RecordStore | undefined;
  /** Milliseconds after which a member that was not heard of is forgotten. @default 300_000 */
  readonly memberTtl?: number | undefined;
  /** Milliseconds for which a report counts. @default 300_000 */
  readonly reportTtl?: number | undefined;
  /** Milliseconds for which a member is shown that has left. @default 3_600_000 */
  readonly deregisteredTtl?: number | undefined;
  /** Milliseconds for which an outage is remembered after it was reported. @default 86_400_000 */
  readonly outageTtl?: number | undefined;
  /** Who should be there, as `readExpectedMembers` reads it. @default nobody in particular */
  readonly expected?: ExpectedMembers | undefined;
  /** Who is told when expected members are missing. @default nobody */
  readonly webhooks?: readonly AlertWebhook[] | undefined;
  /**
   * Called when an alert about missing members is raised, and when it is resolved: of several registries with one store by the one that judges, rarely
   * twice where that dies in the same moment. @default nothing happens
   */
  readonly onAlert?: ((event: AlertEvent) => void) | undefined;
  /**
   * Who knows whether the registry is online itself, such as a `NetworkMonitor` of the caller's: while it is not, nobody is said to be missing,
   * and webhooks wait. @default nobody: it counts as being online
   */
  readonly monitor?: NetworkSource | undefined;
  /** Called with what went wrong and harmed nobody. @default nothing happens */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** The times of what is kept, in milliseconds. */
export interface Ttls {
  readonly member: number;
  readonly report: number;
  readonly deregistered: number;
  readonly outage: number;
}

export const DEFAULT_PORT = 8_756;

export function ttlsOf({ memberTtl, reportTtl, deregisteredTtl, outageTtl }: RegistryOptions): Ttls {
  return {
    member: memberTtl ?? 300_000,
    report: reportTtl ?? 300_000,
    deregistered: deregisteredTtl ?? 3_600_000,
    outage: outageTtl ?? 86_400_000,
  };
}

/** @throws {InvalidOptionError} for the options that are the registry's own; those of listening are checked by the service. */
export function checkRegistryOptions(options: OwnOptions): void {
  checkOptions(OWNER, options, RULES);
  const { expected, webhooks = [] } = options;
  if (expected !== undefined && !intervalRule.accepts(expected.checkInterval)) {
    throw new InvalidOptionError(`${OWNER}: expected.checkInterval`, expected.checkInterval, intervalRule.allowed);
  }
  if (expected === undefined && webhooks.length > 0) {
    throw new InvalidOptionError(
      `${OWNER}: expected`,
      expected,
      'given where there are webhooks: they tell who is missing',
    );
  }
}

/** Whose complaint it is, in errors. */
export const OWNER = 'createRegistry';

/** Those that are not about listening. */
export type OwnOptions = Omit<RegistryOptions, keyof WebServiceOptions>;

const intervalRule = numberFrom(CHECK_INTERVALS.shortest * 1_000, CHECK_INTERVALS.longest * 1_000, 'milliseconds');

const RULES: OptionRules<OwnOptions> = {
  store: objectWith('a MemoryStore or a RedisStore', (store) =>
    ['get', 'put', 'list', 'delete', 'start', 'close'].every((name) => functionRule.accepts(Reflect.get(store, name))),
  ),
  memberTtl: milliseconds(1_000),
  reportTtl: milliseconds(1_000),
  deregisteredTtl: milliseconds(1_000),
  outageTtl: milliseconds(1_000),
  expected: objectWith('what readExpectedMembers returns', (value) => Array.isArray(Reflect.get(value, 'locations'))),
  webhooks: webhooksRule,
  monitor: networkSourceRule,
  onAlert: functionRule,
  onError: functionRule,
};
