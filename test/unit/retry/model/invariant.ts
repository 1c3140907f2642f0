/** What the Retryer promises, whatever happens. The numbers are those of the guide. */
export const INVARIANTS = {
  1: 'while the network is down nothing begins but trials',
  2: 'trials come in their rhythm: none too early, and none is left out while somebody waits',
  3: 'a network-like failure that overlaps an outage is never spent, and any other failure always is',
  4: 'attempts spent are at most retries + 1, in their order and with their backoff between them',
  5: 'progress gives the attempts back',
  6: 'two attempts of one call never overlap, and none begins after its end or its abort',
  7: 'an attempt is ended where the network under it is lost or its time is up, and never otherwise',
  8: 'a call that could go on goes on: it is never stuck while the network is up',
  9: 'who waits together restarts in a slow start, in the order of arrival, and who has left takes no place',
  10: 'every call settles once, at once when its end is known, and with the error that belongs to it',
  11: 'a pause lasts no longer than maxPause, and an abort or the end of the monitor ends it',
  12: 'nothing is left behind: at every moment there are as many timers, listeners and waiters as the open calls need',
  13: 'what the source is told is true: failures that the network may have caused, and answers that are news',
  14: 'events and reports agree with what happened',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export class InvariantViolation extends Error {
  constructor(
    readonly invariant: Invariant,
    detail: string,
  ) {
    super(`invariant ${invariant} (${INVARIANTS[invariant]}) is broken: ${detail}`);
  }
}
