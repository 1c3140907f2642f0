/**
 * A number that no other call of this thread has. The channels carry the calls of all copies of netpause that the thread has loaded, such as
 * the ES module and the CommonJS build, so these count together.
 */
export function nextCallId(): number {
  counter ??= sharedCounter();
  counter.last += 1;
  return counter.last;
}

interface Counter {
  last: number;
}

/** Looked up once: every call takes a number. */
let counter: Counter | undefined;

/** Where all copies of netpause in this thread find it. A copy that expects something else there takes another number. */
const SLOT = Symbol.for('netpause.calls.v1');

function sharedCounter(): Counter {
  const known: unknown = Reflect.get(globalThis, SLOT);
  if (isCounter(known)) return known;
  const fresh: Counter = { last: 0 };
  Reflect.set(globalThis, SLOT, fresh);
  return fresh;
}

function isCounter(value: unknown): value is Counter {
  return typeof value === 'object' && value !== null && 'last' in value && typeof value.last === 'number';
}
