import type { MemberRecord } from '../../ring/wire/index.js';
import { nameOf } from '../parts/matrix/index.js';
import { formatDuration } from '../parts/text/numbers.js';
import { formatAgo, formatValue, TYPE_NAMES, VERDICT_NAMES } from './format.js';
import { isOutdated, shortId } from './matrix-data.js';
import { statusOf } from './member-status.js';
import { checksOf, type RingState } from './model.js';

/** Of whom something is said, and when. */
export interface PairProps {
  readonly state: RingState;
  readonly source: string;
  readonly target: string;
  readonly now: number;
}

/** A member as people call it. */
export function memberName(state: RingState, id: string): string {
  const member = state.members.get(id);
  return member === undefined ? shortId(id) : nameOf({ id, label: member.location, detail: shortId(id) });
}

/** A pair in one sentence, for whoever hears it. */
export function describePair({ state, source, target, now }: PairProps): string {
  const [from, to] = [memberName(state, source), memberName(state, target)];
  if (source === target) return `${from}, itself`;
  const checks = checksOf(state, source, target);
  if (checks.length === 0) return `From ${from} to ${to}: not checked`;
  const texts = checks.map((check) =>
    [TYPE_NAMES[check.type], VERDICT_NAMES[check.verdict].toLowerCase(), formatValue(check), check.why ?? '']
      .filter((text) => text !== '')
      .join(' '),
  );
  return [`From ${from} to ${to}: ${texts.join(', ')}`, ...remarksOf({ state, source, target, now })].join('. ');
}

/** What else has to be known to judge a pair: that one of them was offline itself, or that nothing new is known. */
export function remarksOf({ state, source, target, now }: PairProps): readonly string[] {
  const [from, to] = [state.members.get(source), state.members.get(target)];
  const row = state.rows.get(source);
  return [
    ...(row !== undefined && isOutdated(row, state, now) ? [`The source last reported ${formatAgo(row.at, now)}`] : []),
    ...remarkOf('source', from, state, now),
    ...remarkOf('target', to, state, now),
  ];
}

function remarkOf(
  role: 'source' | 'target',
  member: MemberRecord | undefined,
  state: RingState,
  now: number,
): readonly string[] {
  if (member === undefined) return [];
  const status = statusOf(member, state, now);
  switch (status.kind) {
    case 'here':
      return [];
    case 'offline':
      return [`The ${role} itself has been offline for ${formatDuration(now - status.since)} (${status.reason})`];
    case 'silent':
      return [`Nothing has been heard of the ${role} for ${formatDuration(now - status.since)}`];
    case 'left':
      return [`The ${role} left the ring ${formatAgo(status.since, now)}`];
  }
}
