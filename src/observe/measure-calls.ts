import type { Instruments, Labels, Metric, Sample } from './metric.js';
import { DOWN_REASONS, RETRY_METRICS } from './metrics.js';
import { OperationLabels } from './operation-labels.js';
import type { OutageClock } from './outage-clock.js';
import type { HearCalls } from './retry-events.js';
import { Tally } from './tally.js';

export interface CallMeasurementOptions {
  /** How many operation names have series of their own; 0 for no label. */
  readonly operationLabels: number;
  /** The outages of the network that resumptions are measured against. */
  readonly outages: OutageClock | undefined;
}

/** Measures calls until the returned function is called. */
export function measureCalls(hear: HearCalls, instruments: Instruments, options: CallMeasurementOptions): () => void {
  const stopCounting = countCalls(hear, instruments, options.operationLabels);
  const stopTiming = timeCalls(hear, instruments, options.outages);
  return () => {
    stopCounting();
    stopTiming();
  };
}

function countCalls(hear: HearCalls, instruments: Instruments, operationLabels: number): () => void {
  const book = new Book(operationLabels);
  const waiting = new Map<number, Labels>();
  const observe = (metric: Metric, read: () => Iterable<Sample>): void => {
    const labels = operationLabels === 0 ? metric.labels : [...metric.labels, 'operation'];
    instruments.observe({ ...metric, labels }, read);
  };
  observe(RETRY_METRICS.attempts, () => book.attempts.read());
  observe(RETRY_METRICS.failedAttempts, () => book.failedAttempts.read());
  observe(RETRY_METRICS.savedAttempts, () => book.savedAttempts.read());
  observe(RETRY_METRICS.pauses, () => book.pauses.read());
  observe(RETRY_METRICS.operations, () => book.operations.read());
  observe(RETRY_METRICS.paused, () => countByLabels(book.known, waiting.values()));
  return hear({
    attempt: ({ name, isTrial }) => {
      book.attempts.add({ ...book.labelsOf(name), kind: isTrial ? 'trial' : 'regular' });
    },
    failure: ({ name, spent, isTrial }) => {
      const labels = book.labelsOf(name);
      book.failedAttempts.add({ ...labels, spent: String(spent) });
      if (!spent && !isTrial) book.savedAttempts.add(labels);
    },
    pause: ({ callId, name, reason }) => {
      const labels = book.labelsOf(name);
      book.pauses.add({ ...labels, reason: reason ?? 'unknown' });
      waiting.set(callId, labels);
    },
    resume: ({ callId }) => {
      waiting.delete(callId);
    },
    settle: ({ callId, name, ok }) => {
      // A call that fails while it waits does not resume.
      waiting.delete(callId);
      book.operations.add({ ...book.labelsOf(name), result: ok ? 'success' : 'failure' });
    },
  });
}

/** Without the label of the operation: what a histogram has for each name is a dozen series. */
function timeCalls(hear: HearCalls, instruments: Instruments, outages: OutageClock | undefined): () => void {
  const recordDuration = instruments.histogram(RETRY_METRICS.operationDuration);
  const recordPause = instruments.histogram(RETRY_METRICS.pauseDuration);
  const recordDelay = instruments.histogram(RETRY_METRICS.resumeDelay);
  return hear({
    resume: ({ duration }) => {
      recordPause({}, duration / 1_000);
      if (outages === undefined) return;
      const delay = performance.now() - outages.endedAt;
      // An outage that ended before the pause began is not the one that was waited for.
      if (delay <= duration) recordDelay({}, delay / 1_000);
    },
    settle: ({ duration, ok }) => recordDuration({ result: ok ? 'success' : 'failure' }, duration / 1_000),
  });
}

/** What is counted of calls, by operation. */
class Book {
  readonly attempts = new Tally();
  readonly failedAttempts = new Tally();
  readonly savedAttempts = new Tally();
  readonly pauses = new Tally();
  readonly operations = new Tally();
  /** The labels of all operations that have been heard of. */
  readonly known = new Set<Labels>();
  readonly #operations: OperationLabels;

  constructor(operationLabels: number) {
    this.#operations = new OperationLabels(operationLabels);
    if (operationLabels === 0) this.labelsOf(undefined);
  }

  labelsOf(name: string | undefined): Labels {
    const labels = this.#operations.of(name);
    if (!this.known.has(labels)) this.#open(labels);
    return labels;
  }

  /** Shows all series of an operation at once: Prometheus sees an increase only of what was there before. */
  #open(labels: Labels): void {
    this.known.add(labels);
    for (const kind of ['regular', 'trial']) this.attempts.show({ ...labels, kind });
    for (const spent of ['true', 'false']) this.failedAttempts.show({ ...labels, spent });
    this.savedAttempts.show(labels);
    for (const reason of DOWN_REASONS) this.pauses.show({ ...labels, reason });
    for (const result of ['success', 'failure']) this.operations.show({ ...labels, result });
  }
}

function countByLabels(known: Iterable<Labels>, found: Iterable<Labels>): readonly Sample[] {
  const counts = new Map([...known].map((labels) => [labels, 0]));
  for (const labels of found) counts.set(labels, (counts.get(labels) ?? 0) + 1);
  return [...counts].map(([labels, value]) => ({ labels, value }));
}
