import type { FindingKind } from './judge.js';
import type { Result } from './runner.js';

/** What all scenarios come to. */
export interface Summary {
  /** How many were played. */
  readonly scenarios: number;
  readonly falsePauses: number;
  readonly missedOutages: number;
  readonly stuckPauses: number;
  readonly wrongReasons: number;
  /**
   * Milliseconds from the fault to the verdict, of the outages that the kernel knew of. Those behind the next hop are seen as fast as the
   * checks are set to run, which says nothing about the monitor.
   */
  readonly detectedMs: { readonly median: number; readonly p99: number };
  /** Only where there are any: scenarios that prove nothing or took too much, and those that this machine cannot play. */
  readonly broken?: number;
  readonly skipped?: number;
}

/** Adds up. Pure. */
export function summarize(results: readonly Result[]): Summary {
  const played = results.filter((result) => result.outcome === 'played');
  const findings = played.flatMap((result) => result.findings);
  const count = (...kinds: readonly FindingKind[]) => findings.filter(({ kind }) => kinds.includes(kind)).length;
  const delays = played.flatMap((result) =>
    result.detections.filter(({ evidence }) => evidence === 'path').map(({ after }) => after),
  );
  const broken = count('broken', 'excess');
  const skipped = results.length - played.length;
  return {
    scenarios: played.length,
    falsePauses: count('false-pause'),
    missedOutages: count('missed-outage'),
    stuckPauses: count('stuck-pause'),
    wrongReasons: count('wrong-reason'),
    detectedMs: { median: rounded(quantile(delays, 0.5)), p99: rounded(quantile(delays, 0.99)) },
    ...(broken > 0 && { broken }),
    ...(skipped > 0 && { skipped }),
  };
}

/** Whether nothing at all is wrong. */
export function isClean(summary: Summary): boolean {
  const { falsePauses, missedOutages, stuckPauses, wrongReasons, broken = 0 } = summary;
  return falsePauses + missedOutages + stuckPauses + wrongReasons + broken === 0 && summary.scenarios > 0;
}

/** The smallest value that is not exceeded by this share of them (nearest rank); 0 where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
