import type { MemberRecord } from '../../ring/wire/index.js';
import { MarkIcon } from '../parts/cards/mark-icon.js';
import { nameOf } from '../parts/matrix/index.js';
import { Panel } from '../parts/shell/shell.js';
import { formatAgo, formatExtra, formatValue, TYPE_NAMES, VERDICT_NAMES } from './format.js';
import { OLD_AFTER, shortId } from './matrix-data.js';
import { statusOf } from './member-status.js';
import { type Check, checksOf, type RingState } from './model.js';

interface PairProps {
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
    ...(row !== undefined && now - row.at > OLD_AFTER ? [`The source last reported ${formatAgo(row.at, now)}`] : []),
    ...[
      ['source', from],
      ['target', to],
    ].flatMap(([role, member]) => remarkOf(role, member, state, now)),
  ];
}

function remarkOf(
  role: string | MemberRecord | undefined,
  member: string | MemberRecord | undefined,
  state: RingState,
  now: number,
): readonly string[] {
  if (typeof role !== 'string' || typeof member !== 'object') return [];
  const status = statusOf(member, state, now);
  switch (status.kind) {
    case 'here':
      return [];
    case 'offline':
      return [`The ${role} itself is offline (${status.reason}), since ${formatAgo(status.since, now)}`];
    case 'silent':
      return [`Nothing was heard of the ${role} since ${formatAgo(status.since, now)}`];
    case 'left':
      return [`The ${role} left the ring ${formatAgo(status.since, now)}`];
  }
}

/** All checks of a pair, in a tooltip or in a panel. */
export function PairChecks(props: PairProps) {
  const { state, source, target, now } = props;
  const checks = checksOf(state, source, target);
  return (
    <>
      {checks.length === 0 ? (
        <p class="muted">{source === target ? 'The same member' : 'Not checked yet'}</p>
      ) : (
        <ul class="checks">
          {checks.map((check) => (
            <CheckLine key={check.type} check={check} now={now} />
          ))}
        </ul>
      )}
      {remarksOf(props).map((remark) => (
        <p key={remark} class="remark">
          {remark}
        </p>
      ))}
    </>
  );
}

function CheckLine({ check, now }: { readonly check: Check; readonly now: number }) {
  const { type, verdict, why, at } = check;
  const measured = [formatValue(check), formatExtra(check)].filter((text) => text !== '').join(', ');
  return (
    <li class="check-line">
      <MarkIcon mark={verdict} />
      <span>{TYPE_NAMES[type]}</span>
      <span class={`check-verdict check-${verdict}`}>
        {verdict === 'ok' ? measured || 'OK' : VERDICT_NAMES[verdict]}
      </span>
      <span class="check-age">{formatAgo(at, now)}</span>
      {why !== undefined && <span class="check-why">{why}</span>}
    </li>
  );
}

export function PairTip(props: PairProps) {
  return (
    <div class="tip">
      <p class="tip-title">
        <bdi>{memberName(props.state, props.source)}</bdi> <span class="muted">to</span>{' '}
        <bdi>{memberName(props.state, props.target)}</bdi>
      </p>
      <PairChecks {...props} />
    </div>
  );
}

/** Both directions of a pair, until it is closed. */
export function PairPanel({
  onClose,
  onPath,
  ...props
}: PairProps & { readonly onClose: () => void; readonly onPath: () => void }) {
  const { source, target } = props;
  return (
    <Panel
      title="Pair"
      aside={
        <span class="panel-tools">
          <button type="button" onClick={onPath}>
            Path
          </button>
          <button type="button" onClick={onClose} aria-label="Close the pair">
            ✕
          </button>
        </span>
      }
    >
      <div class="pair">
        <PairTip {...props} />
        <PairTip {...props} source={target} target={source} />
      </div>
    </Panel>
  );
}
