import { inspect } from 'node:util';
import { InvalidOptionError } from '../../errors/index.js';
import { plainText } from '../../log/index.js';
import { NetworkMonitor } from '../../monitor/index.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { describeInvalidFlag } from '../options/invalid-flag.js';
import { printable } from '../text/fit.js';
import { explain } from '../text/words.js';

/** Where the options of a command can come from. */
export interface OptionSources {
  /** The flag of each option, where it is not just its name with hyphens. */
  readonly flags: ReadonlyMap<string, string>;
  /** Where an option was given, when not by its flag: `'registry.yaml:4: registry.server.host'`, or the name of a variable. */
  placeOf(option: string): string | undefined;
  /** What one value has to be, of options that take several. */
  readonly repeated: ReadonlyMap<string, RepeatedOption>;
}

/** An option that takes several values, of which an error should name the wrong one. */
export interface RepeatedOption {
  /** What one may be, as a phrase. */
  readonly allowed: string;
  accepts(value: string): boolean;
}

/** The check hosts of a monitor. */
export const CHECK_HOSTS: RepeatedOption = {
  allowed: 'an IP address or a name, without a port, or an http(s) URL',
  accepts: (value) => isValid(() => new NetworkMonitor({ checkHosts: [value] })),
};

/** Whether nothing is wrong with the options that this uses. */
export function isValid(use: () => unknown): boolean {
  try {
    use();
    return true;
  } catch (error) {
    if (error instanceof InvalidOptionError) return false;
    throw error;
  }
}

/** What was thrown when something was started, in terms of where the user has given it. */
export async function complaintOf(error: unknown, sources: OptionSources): Promise<unknown> {
  if (error instanceof InvalidOptionError) return await optionComplaint(error, sources);
  if (!isListening(error)) return error;
  return new CliError(`--host and --port: ${explainListening(error)}`, EXIT.usage, { cause: error });
}

async function optionComplaint(error: InvalidOptionError, sources: OptionSources): Promise<CliError> {
  const name = error.option.slice(error.option.indexOf(':') + 1).trim();
  const { value, allowed } = ofOneValue(name, error, sources);
  const place = sources.placeOf(name);
  const flag = sources.flags.get(name);
  if (place !== undefined) return usage(`${place} must be ${allowed}${butIs(value)}`, error);
  if (value === undefined && flag !== undefined) return usage(`${flag} must be ${allowed}`, error);
  const known = flag === undefined ? error.option : `ring: ${optionOf(flag)}`;
  return usage(await describeInvalidFlag(new InvalidOptionError(known, value, allowed)), error);
}

/** Of several values the first that is wrong. */
function ofOneValue(name: string, { value, allowed }: InvalidOptionError, { repeated }: OptionSources) {
  const rule = repeated.get(name);
  const values: unknown[] = Array.isArray(value) ? value : [];
  const wrong = values.find((each) => rule?.accepts(String(each)) === false);
  return rule === undefined || wrong === undefined ? { value, allowed } : { value: wrong, allowed: rule.allowed };
}

/** It says nothing of what a URL holds that nobody else should see. */
export function usage(message: string, cause: Error): CliError {
  return new CliError(printable(plainText(message)), EXIT.usage, { cause });
}

function butIs(value: unknown): string {
  return value === undefined ? '' : `, but is ${inspect(value, { depth: 1 })}`;
}

/** `--redis-prefix` → `redisPrefix` */
function optionOf(flag: string): string {
  return flag.replace(/^--/, '').replace(/-([a-z])/g, (_hyphen, letter: string) => letter.toUpperCase());
}

/** Why nobody can listen there, and where the address is taken what to do about it. */
export function explainListening(error: Error): string {
  const isTaken = 'code' in error && error.code === 'EADDRINUSE';
  return isTaken ? `${explain(error)}; ${WAY_OUT}` : explain(error);
}

const WAY_OUT = 'something listens there already; give another --port, or 0 for any that is free';

/** Errors of `listen()` and of the look-up before it (node:net). */
function isListening(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'listen' || error.syscall === 'bind');
}
