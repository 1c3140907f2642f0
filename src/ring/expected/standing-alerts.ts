import type { Alert } from './alert.js';
import type { ExpectedMembers } from './expected-members.js';
import type { LocationVerdict } from './judge-location.js';

/**
 * The alerts that stand, by what is overdue in established locations. One that stood before keeps the moment at which it was raised.
 *
 * A key begins with the level: when the file makes a location less critical, its error is resolved and a warning raised, rather than one taken for
 * the other.
 */
export function standingAlerts(
  { criticalMissingThreshold, totalMissingThreshold }: ExpectedMembers,
  verdicts: readonly LocationVerdict[],
  before: readonly Alert[],
  now: number,
): readonly Alert[] {
  const overdue = verdicts.filter((each) => each.isEstablished && each.overdue > 0);
  const critical = overdue.filter(({ criticality }) => criticality === 'high');
  const total = sumOf(overdue);
  const alerts: Alert[] = overdue.flatMap((verdict) => locationAlert(verdict, now));
  if (critical.length >= criticalMissingThreshold) {
    const message = `${counted(critical.length, 'highly critical location')} without all members`;
    const missing = sumOf(critical);
    alerts.push({
      key: 'error:critical',
      level: 'error',
      about: 'critical',
      message,
      raisedAt: now,
      missing,
      locations: critical.length,
    });
  }
  if (total >= totalMissingThreshold) {
    const message = `${counted(total, 'member')} missing in ${counted(overdue.length, 'location')}`;
    alerts.push({ key: 'warning:total', level: 'warning', about: 'total', message, raisedAt: now, missing: total });
  }
  const known = new Map(before.map(({ key, raisedAt }) => [key, raisedAt]));
  return alerts.map((alert) => ({ ...alert, raisedAt: known.get(alert.key) ?? now }));
}

/** None for low criticality, and for a single member where it is medium. */
function locationAlert({ location, criticality, expected, overdue }: LocationVerdict, now: number): readonly Alert[] {
  if (criticality !== 'high' && (criticality !== 'medium' || overdue < FEWEST_OF_MEDIUM)) return [];
  const level = criticality === 'high' ? 'error' : 'warning';
  const message = `${location} lacks ${overdue} of ${counted(expected, 'member')}`;
  const key = `${level}:location:${location}`;
  return [{ key, level, about: 'location', message, raisedAt: now, missing: overdue, location, criticality }];
}

const FEWEST_OF_MEDIUM = 2;

function sumOf(verdicts: readonly LocationVerdict[]): number {
  return verdicts.reduce((sum, { overdue }) => sum + overdue, 0);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
