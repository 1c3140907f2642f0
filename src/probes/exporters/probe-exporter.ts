import type { ProbeSelector } from './probe-series.js';

/** What shows results as metrics, wherever that is. */
export interface ProbeExporter {
  /** Takes away all series of the targets that are meant, once they are no longer probed. @returns how many targets that were. */
  remove(selector: ProbeSelector): number;
  /** Takes the metrics away. */
  detach(): void;
}
