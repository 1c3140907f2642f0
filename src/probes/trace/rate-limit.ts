/** How many probes were sent, and how many of them were answered. */
export interface Tally {
  readonly sent: number;
  readonly received: number;
}

/** How improbable it has to be that it was chance. */
const SIGNIFICANCE = 0.01;

/**
 * Whether a router leaves more probes unanswered than get lost on the way through it: what is lost on the way to it is lost on the way behind
 * it as well. Those that answer nothing at all are nothing to compare with.
 *
 * By Fisher's exact test: the probability that of all that was lost at the two places so much falls to the share of this one by chance
 * (R. A. Fisher, "The Design of Experiments", 1935, chapter II).
 */
export function isRateLimited(hop: Tally, behind: readonly Tally[]): boolean {
  if (hop.received === 0) return false;
  const answering = behind.filter(({ received }) => received > 0);
  const sent = answering.reduce((sum, tally) => sum + tally.sent, 0);
  const received = answering.reduce((sum, tally) => sum + tally.received, 0);
  if (lossOf(hop) <= lossOf({ sent, received })) return false;
  return tail(hop.sent, hop.sent - hop.received, sent, sent - received) < SIGNIFICANCE;
}

function lossOf({ sent, received }: Tally): number {
  return sent === 0 ? 1 : (sent - received) / sent;
}

/** The probability that, of all that were lost, `lost` or more are among the `sent` of the first kind. */
function tail(sent: number, lost: number, otherSent: number, otherLost: number): number {
  const allLost = lost + otherLost;
  let sum = 0;
  for (let count = lost; count <= Math.min(sent, allLost); count += 1) {
    sum += Math.exp(lnChoose(sent, count) + lnChoose(otherSent, allLost - count) - lnChoose(sent + otherSent, allLost));
  }
  return sum;
}

/** The logarithm of the binomial coefficient. */
function lnChoose(all: number, some: number): number {
  return lnFactorial(all) - lnFactorial(some) - lnFactorial(all - some);
}

/** By Stirling's series, which is right to four digits from 2 on. */
function lnFactorial(value: number): number {
  if (value < 2) return 0;
  return (
    value * Math.log(value) - value + Math.log(2 * Math.PI * value) / 2 + 1 / (12 * value) - 1 / (360 * value ** 3)
  );
}
