import { InvalidOptionError } from '../errors/index.js';

export { DURATION_UNITS, readDuration } from './duration.js';

/** Node's longest timer; a longer delay fires after 1 ms instead (lib/internal/timers.js, TIMEOUT_MAX). */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Says whether a value is acceptable and, in words for the error message, what would be. */
export interface OptionRule {
  readonly allowed: string;
  accepts(value: unknown): boolean;
  /** Of what no error may show: tokens and keys. */
  readonly isSecret?: true;
}

const HIDDEN = 'not shown here';

/** A rule for each option that exists; a name that has none is refused. */
export type OptionRules<Options> = { readonly [Name in keyof Required<Options>]: OptionRule };

/**
 * Refuses an options object with a wrong name, type or range. `undefined` stands for "not given" everywhere.
 *
 * @throws {InvalidOptionError} naming the option, the value and what is allowed.
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  rules: OptionRules<Options>,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || isSomethingElse(options)) {
    throw new InvalidOptionError(`${owner}: options`, options, 'an object');
  }
  const known: Readonly<Record<string, OptionRule>> = rules;
  for (const [name, value] of Object.entries(options)) {
    // By own properties only: an option called "toString" does not exist.
    const rule = Object.hasOwn(known, name) ? known[name] : undefined;
    if (rule === undefined) {
      throw new InvalidOptionError(
        `${owner}: ${name}`,
        value,
        `left out: there is no such option (there are ${Object.keys(known).join(', ')})`,
      );
    }
    if (value !== undefined && !rule.accepts(value)) {
      throw new InvalidOptionError(`${owner}: ${name}`, rule.isSecret ? HIDDEN : value, rule.allowed);
    }
  }
}

/** An instance of a class in which there is no option to be read: a monitor, say, in the place of `{ monitor }`. */
function isSomethingElse(options: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(options);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return !isPlain && Object.keys(options).length === 0;
}

/**
 * Refuses an options object in which anything is missing, for those that have no defaults.
 *
 * @throws {InvalidOptionError} naming the option and what is allowed.
 */
export function checkComplete<Options extends object>(
  owner: string,
  options: Options,
  rules: OptionRules<Options>,
): void {
  for (const [name, { allowed }] of Object.entries<OptionRule>(rules)) {
    if (Reflect.get(options, name) === undefined) throw new InvalidOptionError(`${owner}: ${name}`, undefined, allowed);
  }
}

/** A number within bounds, both inclusive. Infinity is accepted where it is the upper bound. */
export function numberFrom(min: number, max: number, unit = ''): OptionRule {
  return {
    allowed: `a number${unit && ` of ${unit}`} from ${min} to ${max}`,
    accepts: (value) => typeof value === 'number' && value >= min && value <= max,
  };
}

/** A whole number within bounds, both inclusive. Infinity is accepted where it is the upper bound. */
export function wholeNumberFrom(min: number, max: number): OptionRule {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    accepts: (value) =>
      typeof value === 'number' &&
      value >= min &&
      value <= max &&
      (Number.isInteger(value) || value === Number.POSITIVE_INFINITY),
  };
}

/** A delay in milliseconds that a timer can hold. */
export const milliseconds = (min = 0): OptionRule => numberFrom(min, LONGEST_TIMER, 'milliseconds');

/** A duration in milliseconds that may also be Infinity, for "no limit". */
export const millisecondsOrInfinity = (min = 0): OptionRule => ({
  allowed: `a number of milliseconds from ${min} to ${LONGEST_TIMER}, or Infinity`,
  accepts: (value) =>
    typeof value === 'number' && value >= min && (value <= LONGEST_TIMER || value === Number.POSITIVE_INFINITY),
});

export const boolean: OptionRule = { allowed: 'true or false', accepts: (value) => typeof value === 'boolean' };

export const functionRule: OptionRule = { allowed: 'a function', accepts: (value) => typeof value === 'function' };

export const nonEmptyString: OptionRule = {
  allowed: 'a string that is not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
};

export const abortSignal: OptionRule = {
  allowed: 'an AbortSignal',
  // By shape, not by class: a signal may come from another realm or a polyfill.
  accepts: (value) => typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value,
};

/** What the `NetworkSource` of `netpause/retry` needs, and nothing that may be left out of one. */
export const networkSourceRule: OptionRule = objectWith(
  'a network source: an object with state, onChange, waitForNetwork and report, such as a NetworkMonitor',
  (source) =>
    'state' in source &&
    ['onChange', 'waitForNetwork', 'report'].every((name) => functionRule.accepts(Reflect.get(source, name))),
);

export function oneOf(...values: readonly string[]): OptionRule {
  return {
    allowed: `one of ${values.map((value) => `'${value}'`).join(', ')}`,
    accepts: (value) => typeof value === 'string' && values.includes(value),
  };
}

export function arrayOf(rule: OptionRule, phrase: string): OptionRule {
  return { allowed: phrase, accepts: (value) => Array.isArray(value) && value.every((item) => rule.accepts(item)) };
}

export function objectWith(phrase: string, accepts: (value: object) => boolean): OptionRule {
  return { allowed: phrase, accepts: (value) => typeof value === 'object' && value !== null && accepts(value) };
}

export function either(...rules: readonly OptionRule[]): OptionRule {
  return {
    allowed: rules.map((rule) => rule.allowed).join(', or '),
    accepts: (value) => rules.some((rule) => rule.accepts(value)),
  };
}
