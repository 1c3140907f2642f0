/**
 * How often a request was handed to the network, by the signal of its call. Beneath the SDK's own retries nobody else sees that an answer was lost and the
 * request sent again, which matters to what is not the same when it is done twice.
 */
export function timesSent(signal: AbortSignal): number {
  return counts.get(signal) ?? 0;
}

export function noteSending(signal: AbortSignal): void {
  counts.set(signal, timesSent(signal) + 1);
}

const counts = new WeakMap<AbortSignal, number>();
