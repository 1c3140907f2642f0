/**
 * What a call was given to be aborted by. The SDK still takes the signals of its own that it had before Node had any, which know no listeners
 * but one: `{ aborted, onabort }`.
 */
export function toAbortSignal(given: unknown): AbortSignal | undefined {
  if (typeof given !== 'object' || given === null || !('aborted' in given)) return undefined;
  return isAbortSignal(given) ? given : bridge(given);
}

function isAbortSignal(given: object): given is AbortSignal {
  return 'addEventListener' in given;
}

function bridge(given: object & { aborted: unknown }): AbortSignal {
  const controller = new AbortController();
  if (given.aborted === true) controller.abort();
  else Object.assign(given, { onabort: () => controller.abort() });
  return controller.signal;
}

/** As the SDK's own handlers end when they are aborted. */
export function abortError({ reason }: AbortSignal): Error {
  return Object.assign(new Error('Request aborted', { cause: reason }), { name: 'AbortError' });
}
