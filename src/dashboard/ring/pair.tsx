import { MarkIcon } from '../parts/cards/mark-icon.js';
import { Panel } from '../parts/shell/shell.js';
import { memberName, type PairProps, remarksOf } from './describe-pair.js';
import { formatAgo, formatExtra, formatValue, TYPE_NAMES, VERDICT_NAMES } from './format.js';
import { type Check, checksOf } from './model.js';

/** All checks of a pair, in a tooltip or in a panel. */
function PairChecks(props: PairProps) {
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
