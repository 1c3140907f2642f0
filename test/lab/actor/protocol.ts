/** What the test sends to a module in a host. */
export type ToActor =
  | { readonly type: 'call'; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly type: 'stop' };

/** What a module in a host sends to the test. */
export type FromActor =
  /** It is loaded and takes calls. */
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly error: ErrorRecord }
  | { readonly type: 'event'; readonly name: string; readonly at: bigint; readonly detail: unknown };

/** Messages come from a process that runs our own code: their type says what they are. */
export function isToActor(message: unknown): message is ToActor {
  return hasTypeOf(message, ['call', 'stop']);
}

export function isFromActor(message: unknown): message is FromActor {
  return hasTypeOf(message, ['ready', 'result', 'failure', 'event']);
}

function hasTypeOf(message: unknown, types: readonly string[]): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    typeof message.type === 'string' &&
    types.includes(message.type)
  );
}

/** An error as plain data: the structured clone would keep neither its name nor its code. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Its own enumerable fields, such as `code`, as far as they are plain values. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: ErrorRecord;
}

export function toErrorRecord(error: unknown): ErrorRecord {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '', fields: {} };
  const { name, message, stack = '', cause } = error;
  const record = { name, message, stack, fields: plainFields(error) };
  return cause === undefined ? record : { ...record, cause: toErrorRecord(cause) };
}

export function fromErrorRecord({ name, message, stack, fields, cause }: ErrorRecord): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: fromErrorRecord(cause) });
  return Object.assign(error, fields, { name, stack });
}

function plainFields(error: Error): Record<string, string | number | boolean> {
  const fields: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(error)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') fields[name] = value;
  }
  return fields;
}
