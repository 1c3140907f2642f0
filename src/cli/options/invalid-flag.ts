import { inspect } from 'node:util';
import type { InvalidOptionError } from '../../errors/index.js';

/** The library's complaint about an option, in terms of the flag that the user has typed. */
export function describeInvalidFlag({ option, value, allowed }: InvalidOptionError): string {
  const name = option.slice(option.indexOf(':') + 1).trim();
  return `${FLAGS.get(name) ?? `--${toKebabCase(name)}`} must be ${allowed}, but is ${inspect(value, { depth: 1 })}`;
}

/** Where the flag is not just the option's name with hyphens. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['checkHosts', '--check-host'],
  ['checkPorts', '--check-port'],
  ['interfaces', '--interface'],
  ['destination', 'the destination'],
]);

function toKebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
