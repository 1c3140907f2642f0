import { InvalidOptionError } from '../errors/index.js';
import type { TargetOptions } from '../monitor/index.js';
import { checkOptions, nonEmptyString } from '../options/index.js';
import { type Destination, TARGET_OPTION_RULES, textRule } from './protocol.js';

/**
 * What is sent of a destination: no more than it takes to connect. The path of a URL can be of any length, and with its query or a password
 * it can hold secrets.
 *
 * @throws {InvalidOptionError} where the destination is no text, an option has a wrong name or type, or a text is too long to be sent.
 */
export function sharedDestination(owner: string, destination: string, options: TargetOptions): Destination {
  checkText(nonEmptyString, owner, 'destination', destination);
  checkOptions(owner, options, TARGET_OPTION_RULES);
  const { via } = options;
  const subject: Destination = {
    destination: endpointOf(destination),
    options: via === undefined ? options : { ...options, via: endpointOf(via) },
  };
  for (const [name, value] of Object.entries({ ...subject.options, destination: subject.destination })) {
    if (typeof value === 'string') checkText(textRule, owner, name, value);
  }
  return subject;
}

function checkText({ accepts, allowed }: typeof textRule, owner: string, name: string, value: unknown): void {
  if (!accepts(value)) throw new InvalidOptionError(`${owner}: ${name}`, value, allowed);
}

function endpointOf(text: string): string {
  if (!text.includes('://') || !URL.canParse(text)) return text;
  const { protocol, host } = new URL(text);
  return `${protocol}//${host}`;
}
