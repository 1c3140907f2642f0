/** A moment as programs get it: ISO 8601, UTC. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** A snapshot of the network as programs get it, its moments like all others. */
export function withIsoTimes<Snapshot extends { readonly since: number }>(
  snapshot: Snapshot,
): Omit<Snapshot, 'since'> & { readonly since: string } {
  return { ...snapshot, since: isoTime(snapshot.since) };
}
