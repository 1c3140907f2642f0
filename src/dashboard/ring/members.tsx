import { useState } from 'preact/hooks';
import type { MemberRecord } from '../../ring/wire/index.js';
import { HoverCard } from '../parts/cards/hover-card.js';
import { MarkIcon, type MarkName } from '../parts/cards/mark-icon.js';
import { Panel } from '../parts/shell/shell.js';
import { formatCount, formatMilliseconds } from '../parts/text/numbers.js';
import { formatAgo } from './format.js';
import { headersOf, shortId } from './matrix-data.js';
import { type MemberStatus, statusOf } from './member-status.js';
import type { RingState } from './model.js';
import type { MemberStats } from './stats.js';

/** Cards that are shown at first: more than that nobody looks through. */
const SHOWN_AT_FIRST = 48;

/** Who is in the ring; those first that something is wrong with. */
export function Members({
  state,
  stats,
  now,
  onChoose,
}: {
  readonly state: RingState;
  readonly stats: ReadonlyMap<string, MemberStats>;
  readonly now: number;
  readonly onChoose: (member: MemberRecord) => void;
}) {
  const [isAll, setAll] = useState(false);
  const cards = headersOf(state.members.values())
    .flatMap(({ id }) => state.members.get(id) ?? [])
    .map((member) => ({ member, status: statusOf(member, state, now), stats: stats.get(member.instance_id) }))
    .sort((a, b) => rankOf(a.status) - rankOf(b.status));
  const shown = isAll ? cards : cards.slice(0, SHOWN_AT_FIRST);
  return (
    <Panel title="Members" aside={<span class="muted">{formatCount(cards.length)}</span>}>
      {cards.length === 0 ? (
        <p class="muted">Nobody has joined yet.</p>
      ) : (
        <ul class="cards">
          {shown.map(({ member, status, stats: found }) => (
            <HoverCard
              key={member.instance_id}
              onChoose={() => onChoose(member)}
              more={() => <MemberFacts member={member} status={status} stats={found} now={now} />}
            >
              <MarkIcon mark={MARKS[status.kind]} />
              <span class="card-title">
                <bdi>{member.location}</bdi>
              </span>
              <span class="card-end">{statusText(status, member, now)}</span>
              <span class="card-sub">
                {found !== undefined && found.in.failed > 0 && (
                  <strong class="failed-text">{formatCount(found.in.failed)} cannot reach it · </strong>
                )}
                <bdi>{shortId(member.instance_id)}</bdi> ·{' '}
                {found?.latency === undefined ? member.ip : formatMilliseconds(found.latency)}
              </span>
            </HoverCard>
          ))}
        </ul>
      )}
      {shown.length < cards.length && (
        <button type="button" class="more" onClick={() => setAll(true)}>
          Show all {formatCount(cards.length)}
        </button>
      )}
    </Panel>
  );
}

const MARKS: Readonly<Record<MemberStatus['kind'], MarkName>> = {
  here: 'ok',
  offline: 'inconclusive',
  silent: 'warning',
  left: 'none',
};

function rankOf({ kind }: MemberStatus): number {
  return { offline: 0, silent: 1, here: 2, left: 3 }[kind];
}

function statusText(status: MemberStatus, { last_seen: seen }: MemberRecord, now: number): string {
  switch (status.kind) {
    case 'here':
      return formatAgo(seen * 1_000, now);
    case 'offline':
      return 'offline itself';
    case 'silent':
      return `silent, ${formatAgo(status.since, now)}`;
    case 'left':
      return `left ${formatAgo(status.since, now)}`;
  }
}

function MemberFacts({
  member,
  status,
  stats,
  now,
}: {
  readonly member: MemberRecord;
  readonly status: MemberStatus;
  readonly stats: MemberStats | undefined;
  readonly now: number;
}) {
  const facts: readonly (readonly [string, string])[] = [
    ['Location', member.location],
    ['Id', member.instance_id],
    ['Address', `${member.ip.includes(':') ? `[${member.ip}]` : member.ip}:${member.port}`],
    ['Last seen', formatAgo(member.last_seen * 1_000, now)],
    ['Joined', formatAgo(member.registered_at * 1_000, now)],
    ...(status.kind === 'offline' ? [['Offline', `${status.reason}, ${formatAgo(status.since, now)}`] as const] : []),
    ...(stats === undefined
      ? []
      : [
          ['Reaches', countsText(stats.out)] as const,
          ['Reached by', countsText(stats.in)] as const,
          [
            'Latency',
            stats.latency === undefined ? 'unknown' : `${formatMilliseconds(stats.latency)} (median)`,
          ] as const,
          ['Reported', stats.reportedAt === undefined ? 'never' : formatAgo(stats.reportedAt, now)] as const,
        ]),
    ...(member.version === undefined ? [] : [['Version', member.version] as const]),
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </>
      ))}
    </dl>
  );
}

function countsText({ ok, failed, inconclusive }: MemberStats['in']): string {
  return [
    `${formatCount(ok)} ok`,
    failed > 0 ? `${formatCount(failed)} failed` : '',
    inconclusive > 0 ? `${formatCount(inconclusive)} inconclusive` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
