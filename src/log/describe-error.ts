import { inspect } from 'node:util';
import { isError } from '../errors/index.js';

/**
 * What was thrown, in a few words: `'TypeError: fetch failed: connect ECONNREFUSED 192.0.2.1:443'`. With its causes, since it is there that
 * fetch says what happened; and with its code only where the message does not have it already.
 */
export function describeError(thrown: unknown): string {
  return chainOf(thrown).map(describeOne).join(': ');
}

/** What kind of failure it was, of which there are few: the first code in the chain of causes, or the name of the error's class. */
export function errorType(thrown: unknown): string {
  const chain = chainOf(thrown);
  const [first] = chain;
  return chain.map(codeOf).find((code) => code !== undefined) ?? (isError(first) ? nameOf(first) : typeof first);
}

function describeOne(thrown: unknown): string {
  if (!isError(thrown)) return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 1 });
  const kind = codeOf(thrown) ?? nameOf(thrown);
  const message = messageOf(thrown);
  // An AggregateError of several connects has no message at all.
  if (message === '') return kind;
  return message.includes(kind) ? message : `${kind}: ${message}`;
}

/** Whatever the types say, a message can be anything: some clients put the parsed body of the answer there. */
function messageOf({ message }: { readonly message: unknown }): string {
  return typeof message === 'string' ? message : inspect(message, { depth: 1 });
}

function nameOf({ name }: { readonly name: unknown }): string {
  return typeof name === 'string' ? name : 'Error';
}

/** An error and its causes. No more than a few: a cause can be its own. */
function chainOf(thrown: unknown): readonly unknown[] {
  const chain = [thrown];
  for (let last = thrown; chain.length < LONGEST_CHAIN && isError(last) && last.cause !== undefined; ) {
    last = last.cause;
    chain.push(last);
  }
  return chain;
}

const LONGEST_CHAIN = 4;

function codeOf(thrown: unknown): string | undefined {
  return isError(thrown) && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}
