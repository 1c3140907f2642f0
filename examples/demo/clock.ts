/** Milliseconds of CLOCK_MONOTONIC, which all processes of a Linux machine share, so that their times can be compared. */
export function monotonicMs(nanoseconds: bigint = process.hrtime.bigint()): number {
  return Number(nanoseconds) / 1e6;
}
