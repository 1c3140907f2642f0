import { StatCard } from '../parts/cards/stat-card.js';
import { count, formatCount, formatMilliseconds } from '../parts/text/numbers.js';
import type { RingStats } from './stats.js';

/** The ring in numbers. */
export function Overview({
  stats,
  latency,
}: {
  readonly stats: RingStats;
  /** Median, in milliseconds; undefined where none is known. */
  readonly latency: number | undefined;
}) {
  const { members, silent, offline, left, pairs, expected } = stats;
  const notes = [
    offline > 0 ? `${formatCount(offline)} offline` : '',
    silent > 0 ? `${formatCount(silent)} silent` : '',
    left > 0 ? `${formatCount(left)} left` : '',
  ].filter((text) => text !== '');
  return (
    <ul class="stats" aria-label="In numbers">
      <StatCard
        label="Members"
        value={formatCount(members)}
        note={notes.length > 0 ? notes.join(', ') : 'all heard of'}
      />
      <StatCard label="Pairs OK" mark="ok" value={formatCount(pairs.ok)} note={shareOf(pairs.ok, pairs.all)} />
      <StatCard
        label="Pairs failed"
        mark="failed"
        value={formatCount(pairs.failed)}
        note={pairs.failed > 0 ? shareOf(pairs.failed, pairs.all) : 'none'}
        isAlarming={pairs.failed > 0}
      />
      <StatCard
        label="Inconclusive"
        mark="inconclusive"
        value={formatCount(pairs.inconclusive)}
        note={pairs.inconclusive > 0 ? 'cannot be told' : 'none'}
      />
      <StatCard
        label="Median latency"
        value={latency === undefined ? '–' : formatMilliseconds(latency)}
        note={latency === undefined ? 'not measured yet' : 'of what is ok'}
      />
      {expected.isKnown && (
        <StatCard
          label="Missing members"
          value={formatCount(expected.missing)}
          note={expected.alerts === 0 ? 'no alerts' : count(expected.alerts, 'alert')}
          isAlarming={expected.alerts > 0}
        />
      )}
    </ul>
  );
}

/** One that is not all never looks like all. */
function shareOf(count: number, all: number): string {
  if (all === 0) return 'none yet';
  const percent = (100 * count) / all;
  if (percent > 99.9 && count < all) return '> 99.9 %';
  if (percent < 0.1 && count > 0) return '< 0.1 %';
  return `${Number(percent.toFixed(1))} %`;
}
