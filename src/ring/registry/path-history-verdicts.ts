import type { JsonObject, StoredRecord } from '../../store/index.js';
import type { Verdict } from '../wire/index.js';

/** The checks that tell whether a path works now. */
export type PathCheckType = 'tcp' | 'http' | 'ping';

/** What one member says of its path to another, by one kind of check. */
export interface PathVerdict {
  readonly target: string;
  readonly targetLocation: string;
  readonly type: PathCheckType;
  readonly verdict: Verdict;
  /** When the check began: milliseconds since 1970, by the registry's clock. */
  readonly at: number;
  readonly failureSource?: string;
  readonly reason?: string;
}

/** Worse ones last. Of several endpoints of one target, the worst counts. */
const ORDER: readonly Verdict[] = ['ok', 'inconclusive', 'failed'];

/** Milliseconds. By more than that no check is older than the report that has it: such a time is a mistake. */
const OLDEST_CHECK = 86_400_000;

/**
 * What a kept report says of paths, one for each target and kind of check. It was checked when it came in; here only what is used is looked at,
 * since this is done for each check of each report.
 *
 * @param which `'failed'` leaves out the others, where nobody asks for them: that is the rule, and much cheaper.
 */
export function pathVerdictsIn(
  { value, updatedAt }: StoredRecord,
  which: 'all' | 'failed',
): ReadonlyMap<string, PathVerdict> {
  const takenAt = value['taken_at'];
  const worst = new Map<string, PathVerdict>();
  for (const check of checksIn(value)) {
    if (which === 'failed' && fieldOf(check, 'verdict') !== 'failed') continue;
    const verdict = verdictOf(check, (at) => ownTime(at, takenAt, updatedAt));
    if (verdict === undefined) continue;
    const key = `${verdict.type} ${verdict.target}`;
    const known = worst.get(key);
    if (known === undefined || ORDER.indexOf(known.verdict) < ORDER.indexOf(verdict.verdict)) worst.set(key, verdict);
  }
  return worst;
}

function checksIn(value: JsonObject): readonly unknown[] {
  const checks = fieldOf(value['metrics'], 'checks');
  return Array.isArray(checks) ? checks : [];
}

function verdictOf(check: unknown, timeOf: (at: number) => number): PathVerdict | undefined {
  const [type, verdict, at] = ['type', 'verdict', 'at'].map((name) => fieldOf(check, name));
  const [target, targetLocation] = ['target', 'target_location'].map((name) => fieldOf(check, name));
  if (!isPathCheck(type) || !isVerdict(verdict) || typeof at !== 'number') return undefined;
  if (typeof target !== 'string' || typeof targetLocation !== 'string') return undefined;
  const [failureSource, reason] = ['failure_source', 'reason'].map((name) => fieldOf(check, name));
  return {
    target,
    targetLocation,
    type,
    verdict,
    at: timeOf(at),
    ...(typeof failureSource === 'string' && { failureSource }),
    ...(typeof reason === 'string' && { reason }),
  };
}

/** By how long before the report the check was: so a member's clock may say what it likes. */
function ownTime(at: number, takenAt: unknown, updatedAt: number): number {
  const age = typeof takenAt === 'number' ? takenAt - at : 0;
  return Math.round(updatedAt - (age > 0 && age <= OLDEST_CHECK ? age : 0));
}

function isPathCheck(value: unknown): value is PathCheckType {
  return value === 'tcp' || value === 'http' || value === 'ping';
}

function isVerdict(value: unknown): value is Verdict {
  return value === 'ok' || value === 'failed' || value === 'inconclusive';
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
