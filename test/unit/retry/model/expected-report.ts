import { inspect } from 'node:util';
import type { AttemptReport, OutageReport, RetryReport } from '../../../../src/retry/index.js';

/** How a report differs from what was seen, in words; `undefined` where it does not. Reasons of outages are left to other tests. */
export function differenceOf(
  report: RetryReport | undefined,
  failures: readonly AttemptReport[],
  pauses: readonly Omit<OutageReport, 'reason'>[],
): string | undefined {
  const told = {
    attempts: report?.attempts,
    outages: report?.outages.map(({ startedAt, duration }) => ({ startedAt, duration })),
    omitted: [report?.attemptsOmitted, report?.outagesOmitted],
  };
  const [attempts, outages] = [ends(failures), ends(pauses)];
  const seen = { attempts: attempts.kept, outages: outages.kept, omitted: [attempts.omitted, outages.omitted] };
  return isSame(told, seen) ? undefined : `the report says ${inspect(told)}, and it was ${inspect(seen)}`;
}

/** Equal in structure, but errors by their identity. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || a instanceof Error) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(Reflect.get(a, name), Reflect.get(b, name)));
}

/** The first twenty and the last twenty. */
function ends<Item>(items: readonly Item[]): { readonly kept: readonly Item[]; readonly omitted: number } {
  if (items.length <= 40) return { kept: items, omitted: 0 };
  return { kept: [...items.slice(0, 20), ...items.slice(-20)], omitted: items.length - 40 };
}
