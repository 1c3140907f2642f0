import type { OutageKind } from './settings.js';
import type { Received } from './stage.js';
import type { UploadResult } from './upload-event.js';

/** What the demo found, and the line that `--json` ends with. */
export interface DemoResult {
  readonly completed: boolean;
  readonly sha256Equal: boolean;
  readonly outages: readonly OutageResult[];
  /** Attempts of the netpause upload that were counted as failed. */
  readonly attemptsSpent: number;
  /** Bytes of parts that the server received beyond the size of the object. */
  readonly bytesSentAgain: number;
  readonly plainRetry: { readonly completed: boolean; readonly attemptsSpent: number };
  readonly simulated: boolean;
}

export interface OutageResult {
  readonly kind: OutageKind;
  /** Milliseconds from taking the network away to the monitor's saying so; null where it never did. */
  readonly detectedMs: number | null;
  /** Milliseconds from giving the network back to the next attempt; null where there was none. */
  readonly resumedMs: number | null;
}

/** One upload with everything that is known of it in the end. */
export interface Course {
  readonly result: UploadResult;
  readonly attemptsSpent: number;
  readonly received: Received;
}

/** Everything that was observed in one run. */
export interface Observations {
  readonly outages: readonly OutageResult[];
  readonly netpause: Course;
  readonly plain: Course;
  readonly simulated: boolean;
}

export function summarize({ outages, netpause, plain, simulated }: Observations): DemoResult {
  const { result, received, attemptsSpent } = netpause;
  return {
    completed: result.completed,
    sha256Equal: result.completed && result.sha256 === received.sha256,
    outages,
    attemptsSpent,
    bytesSentAgain: received.sentAgain,
    plainRetry: { completed: plain.result.completed, attemptsSpent: plain.attemptsSpent },
    simulated,
  };
}
