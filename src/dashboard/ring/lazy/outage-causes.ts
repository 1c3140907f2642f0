import type { BrokenPath } from '../../../ring/registry/index.js';
import type { MemberOutage } from '../../../ring/wire/index.js';

/**
 * Why a path was broken. `target-offline`, `source-offline`: that member told afterwards that it was offline itself. `silent`: the registry did not
 * hear of the target either, so that nobody knows. `path`: both ends were there, as far as anybody knows.
 */
export type Cause = 'target-offline' | 'source-offline' | 'silent' | 'path';

/** A part of the time for which a path was broken, with one cause. */
export interface CausedPart {
  readonly path: BrokenPath;
  readonly cause: Cause;
  readonly from: number;
  /** Undefined while it goes on. */
  readonly until: number | undefined;
}

/**
 * Milliseconds before and after a member's own outage for which what others saw of it is laid to that: checks are made once a minute and have
 * timeouts, and the clocks of members differ.
 */
export const SLACK = 90_000;

/**
 * Splits broken paths by what is known of both ends.
 *
 * @param silentAfter milliseconds after which somebody who is there would have been heard of.
 */
export function causedParts(
  broken: readonly BrokenPath[],
  outages: readonly MemberOutage[],
  silentAfter: number,
  now: number,
): readonly CausedPart[] {
  const own = new Map<string, MemberOutage[]>();
  for (const outage of outages) own.set(outage.id, [...(own.get(outage.id) ?? []), outage]);
  return broken.flatMap((path) => {
    const whole: CausedPart = { path, cause: 'path', from: path.from, until: path.until };
    const parts = without([whole], own.get(path.target) ?? [], 'target-offline', now);
    return without(parts, own.get(path.source) ?? [], 'source-offline', now).map((part) =>
      heardOf(part, silentAfter, now),
    );
  });
}

/** Takes out of what has no cause yet the times of a member's own outages. */
function without(
  parts: readonly CausedPart[],
  outages: readonly MemberOutage[],
  cause: Cause,
  now: number,
): readonly CausedPart[] {
  return outages.reduce(
    (left, { from, until = now }) => left.flatMap((part) => cut(part, from - SLACK, until + SLACK, cause, now)),
    parts,
  );
}

function cut(part: CausedPart, from: number, until: number, cause: Cause, now: number): readonly CausedPart[] {
  const end = part.until ?? now;
  if (part.cause !== 'path' || from >= end || until <= part.from) return [part];
  const isOpen = part.until === undefined;
  const parts: readonly (CausedPart | undefined)[] = [
    from > part.from ? { ...part, until: from } : undefined,
    {
      ...part,
      cause,
      from: Math.max(from, part.from),
      until: until < end ? until : part.until,
    },
    until < end ? { ...part, from: until, until: isOpen ? undefined : end } : undefined,
  ];
  return parts.filter((each) => each !== undefined);
}

function heardOf(part: CausedPart, silentAfter: number, now: number): CausedPart {
  if (part.cause !== 'path') return part;
  const end = part.until ?? now;
  const heardAt = part.path.target_heard_at ?? Number.NEGATIVE_INFINITY;
  const isSilent = heardAt <= part.from && end - part.from > silentAfter;
  return isSilent ? { ...part, cause: 'silent' } : part;
}
