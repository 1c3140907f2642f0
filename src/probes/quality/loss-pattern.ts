/** How packets were lost. */
export interface LossPattern {
  /** Packets whose fate is known. */
  readonly known: number;
  /** Those of them that were lost. */
  readonly lost: number;
  /** Lost by known, 0 to 1; absent where nothing is known. */
  readonly loss?: number;
  /** How many times one or more in a row were lost. */
  readonly bursts: number;
  /** How many were lost in a row, in the mean; absent without loss. */
  readonly burstLength?: number;
  /** BurstR; absent where nothing was lost, or nothing else. */
  readonly burstRatio?: number;
}

/**
 * Loss and burst ratio of packets in the order of their sending.
 *
 * BurstR is the mean length of the bursts that were, by that of the bursts that there would be if every packet were lost independently of the
 * others (ITU-T G.107 (06/2015) clause 7.5): the latter is 1/(1 − loss).
 *
 * @param arrived whether each came; undefined where it cannot be told, because this host was offline, say. Such a packet counts for nothing, and a
 * burst ends there.
 */
export function lossPattern(arrived: Iterable<boolean | undefined>): LossPattern {
  let known = 0;
  let lost = 0;
  let bursts = 0;
  let before: boolean | undefined;
  for (const each of arrived) {
    if (each !== undefined) known += 1;
    if (each === false) {
      lost += 1;
      if (before !== false) bursts += 1;
    }
    before = each;
  }
  if (known === 0) return { known, lost, bursts };
  const loss = lost / known;
  if (lost === 0) return { known, lost, loss, bursts };
  const burstLength = lost / bursts;
  return { known, lost, loss, bursts, burstLength, ...(lost < known && { burstRatio: burstLength * (1 - loss) }) };
}
