import { InvalidOptionError } from '../../errors/index.js';
import {
  boolean,
  checkComplete,
  checkOptions,
  numberFrom,
  type OptionRule,
  type OptionRules,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';

/** How much it matters that a location is complete. */
export type Criticality = 'high' | 'medium' | 'low';

/** What is expected of one location. */
export interface ExpectedLocation {
  /** Its name, as members give it. */
  readonly location: string;
  /** How many members belong there. */
  readonly count: number;
  /** Whether, and for how many, anyone is alerted. */
  readonly criticality: Criticality;
  /** Milliseconds that a member may be missing before anyone is alerted. */
  readonly gracePeriod: number;
  /** For people. */
  readonly description: string;
}

/** Who is expected where, and what is made of it. Durations are in milliseconds, where the file has seconds. */
export interface ExpectedMembers {
  /** In the order of the file. */
  readonly locations: readonly ExpectedLocation[];
  /** How often it is judged. */
  readonly checkInterval: number;
  /** How long a location must have been there before it is expected; 0 for from the start, whether it was ever there or not. */
  readonly establishmentTime: number;
  /** How many highly critical locations must lack members for an alert about all of them. */
  readonly criticalMissingThreshold: number;
  /** How many members must be missing over all locations for an alert about all of them. */
  readonly totalMissingThreshold: number;
  /** For a page of yours that shows it; the dashboard makes nothing of it. */
  readonly display: ExpectedDisplay;
}

/** What a page may make of missing members: read for files that are Netring's, and for pages of your own. */
export interface ExpectedDisplay {
  /** Milliseconds for which a member that has gone is shown as recently offline, and not yet as missing. */
  readonly recentlyOffline: number;
  /** Whether missing members are highlighted. */
  readonly highlightMissing: boolean;
  /** Whether counts are shown as "2/3". */
  readonly showCounts: boolean;
}

/**
 * Reads what a YAML file of expected members comes to, with the field names of Netring (its `config/expected-members.yaml`):
 *
 * ```yaml
 * expected_members:
 *   locations:
 *     EU1:
 *       expected_count: 2        # 0 to 10,000
 *       criticality: high        # high, medium, low
 *       grace_period: 300        # seconds; 300 where it is left out
 *       description: Frankfurt   # the name where it is left out
 *   settings:                    # all of it may be left out; these are the defaults
 *     check_interval: 60                 # seconds
 *     location_establishment_time: 3600  # seconds
 *     alerts: { critical_missing_threshold: 1, total_missing_threshold: 3 }
 *     ui: { show_missing_grace_period: 60, missing_member_highlight: true, expected_vs_actual_display: true }
 * ```
 *
 * An empty value, which is null in YAML, stands for one that is left out; but a location must say what is expected of it.
 *
 * @throws {InvalidOptionError} naming the path of what is wrong, as `'expected_members.locations.EU1.grace_period'`, also for fields that there are not.
 */
export function readExpectedMembers(value: unknown): ExpectedMembers {
  const file = fieldsAt('the file', value);
  const root = checked('', file, FILE_RULES)['expected_members'];
  const { locations, settings } = checked(ROOT, fieldsAt(ROOT, root), ROOT_RULES);
  const named = Object.entries(mappingAt(`${ROOT}.locations`, locations));
  if (named.length > MOST_LOCATIONS) {
    throw new InvalidOptionError(`${ROOT}.locations`, named.length, `at most ${MOST_LOCATIONS} locations`);
  }
  const read = named.map(([name, given]) => readLocation(name, given));
  const total = read.reduce((sum, { count }) => sum + count, 0);
  if (total > MOST_MEMBERS) {
    throw new InvalidOptionError(
      `${ROOT}.locations`,
      total,
      `at most ${MOST_MEMBERS} members altogether, as a ring has no more`,
    );
  }
  return { locations: read, ...readSettings(settings) };
}

function readLocation(location: string, given: unknown): ExpectedLocation {
  const path = `${ROOT}.locations${step(location)}`;
  if (!PRINTABLE.test(location) || location.length > LONGEST_NAME) {
    throw new InvalidOptionError(path, location, `named by 1 to ${LONGEST_NAME} characters, none of them for control`);
  }
  const fields = checked(path, fieldsAt(path, given), LOCATION_RULES);
  const { expected_count, criticality, grace_period, description } = fields;
  placed(path, () => checkComplete(path, { expected_count, criticality }, REQUIRED_RULES));
  return {
    location,
    count: numberOr(expected_count, 0),
    criticality: criticalityOf(criticality),
    gracePeriod: numberOr(grace_period, DEFAULT_GRACE_PERIOD) * SECOND,
    description: typeof description === 'string' ? description : location,
  };
}

function readSettings(given: unknown): Omit<ExpectedMembers, 'locations'> {
  const path = `${ROOT}.settings`;
  const settings = checked(path, fieldsAt(path, given ?? {}), SETTINGS_RULES);
  const alerts = checked(`${path}.alerts`, fieldsAt(`${path}.alerts`, settings['alerts'] ?? {}), ALERTS_RULES);
  const ui = checked(`${path}.ui`, fieldsAt(`${path}.ui`, settings['ui'] ?? {}), UI_RULES);
  return {
    checkInterval: numberOr(settings['check_interval'], 60) * SECOND,
    establishmentTime: numberOr(settings['location_establishment_time'], 3_600) * SECOND,
    criticalMissingThreshold: numberOr(alerts['critical_missing_threshold'], 1),
    totalMissingThreshold: numberOr(alerts['total_missing_threshold'], 3),
    display: {
      recentlyOffline: numberOr(ui['show_missing_grace_period'], 60) * SECOND,
      highlightMissing: ui['missing_member_highlight'] !== false,
      showCounts: ui['expected_vs_actual_display'] !== false,
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

const ROOT = 'expected_members';
const SECOND = 1_000;
/** Seconds. */
const DEFAULT_GRACE_PERIOD = 300;
const MOST_MEMBERS = 10_000;
/** More than any ring has sites. */
const MOST_LOCATIONS = 10_000;
/** As long as a location may be that a member registers, and of the same characters: with any other name nobody could ever be there. */
const LONGEST_NAME = 128;
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;
/** Seconds: a year. */
const LONGEST = 31_536_000;
/** From one judgement to the next, in seconds. */
export const CHECK_INTERVALS = { shortest: 1, longest: 86_400 };

const anything: OptionRule = { allowed: 'anything', accepts: () => true };
const seconds = numberFrom(0, LONGEST, 'seconds');
const threshold = wholeNumberFrom(1, 1_000_000);
const CRITICALITIES: readonly Criticality[] = ['high', 'medium', 'low'];

const FILE_RULES = { expected_members: anything };
const ROOT_RULES = { locations: anything, settings: anything };
const REQUIRED_RULES = { expected_count: wholeNumberFrom(0, MOST_MEMBERS), criticality: oneOf(...CRITICALITIES) };
const LOCATION_RULES = {
  ...REQUIRED_RULES,
  grace_period: seconds,
  description: {
    allowed: 'a text of at most 1000 characters',
    accepts: (value: unknown) => typeof value === 'string' && value.length <= 1_000,
  },
};
const SETTINGS_RULES = {
  check_interval: numberFrom(CHECK_INTERVALS.shortest, CHECK_INTERVALS.longest, 'seconds'),
  location_establishment_time: seconds,
  alerts: anything,
  ui: anything,
};
const ALERTS_RULES = { critical_missing_threshold: threshold, total_missing_threshold: threshold };
const UI_RULES = {
  show_missing_grace_period: seconds,
  missing_member_highlight: boolean,
  expected_vs_actual_display: boolean,
};

/** What is given, without what is empty. */
function fieldsAt(path: string, value: unknown): Fields {
  const given = Object.entries(mappingAt(path, value)).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(given);
}

function mappingAt(path: string, value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InvalidOptionError(path, value, 'a mapping of names and values');
}

function checked(path: string, fields: Fields, rules: OptionRules<Fields>): Fields {
  placed(path, () => checkOptions(path, fields, rules));
  return fields;
}

/** What is wrong with a field is told with the whole path to it. */
function placed(path: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const name = error.option.slice(`${path}: `.length);
    throw new InvalidOptionError(path === '' ? name : `${path}${step(name)}`, error.value, error.allowed);
  }
}

/** A name as part of a path: one that could be taken for something else stands in quotes, without control characters. */
function step(name: string): string {
  return /^[\w-]{1,128}$/.test(name) ? `.${name}` : `[${JSON.stringify(name.slice(0, LONGEST_NAME))}]`;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function criticalityOf(value: unknown): Criticality {
  return CRITICALITIES.find((each) => each === value) ?? 'high';
}
