import type { Verdict } from '../state/index.js';
import type { PathVerdict } from './path.js';

/** How one check host stands on the network that the host is on now. */
export interface HostEvidence {
  /**
   * `pending`: nothing has been heard, or failed to be heard, on this path yet. `unaskable`: this machine could not even ask, or does not
   * know the name's address.
   */
  readonly standing: 'reachable' | 'silent' | 'pending' | 'unaskable';
  /** Whether its silence means anything: it has answered on this very network before, or was declared trustworthy. */
  readonly armed: boolean;
  /** How many rounds in a row it was silent. @default 0 */
  readonly silences?: number;
}

/** All that is known when a state is judged. */
export interface Evidence {
  readonly path: PathVerdict;
  /** The check hosts that speak for this path; none when there are none. */
  readonly hosts: readonly HostEvidence[];
  /** Silence needs no second round: all hosts were silent twice, wherever they are, or failing work bears out the first time. */
  readonly silenceConfirmed: boolean;
  /** Work got through while the state was down, and nothing has changed since. */
  readonly overruled: boolean;
  /** What was published last. */
  readonly previous: Verdict;
}

/** Evidence → state: the strongest evidence first, and never `down` without a witness that can be trusted. */
export function judge(evidence: Evidence): Verdict {
  const verdict = judgeEvidence(evidence);
  // Work that arrived is worth more than checks that did not.
  if (evidence.overruled && (verdict.state === 'down' || verdict.reason === 'unverified')) {
    return { ...verdict, state: 'degraded', reason: 'checks-disagree' };
  }
  return verdict;
}

function judgeEvidence({ path, hosts, silenceConfirmed, previous }: Evidence): Verdict {
  if (path.kind === 'closed') {
    return { state: 'down', reason: path.reason, ...(path.interface !== undefined && { interface: path.interface }) };
  }
  if (path.kind === 'unproven') return { state: 'degraded', reason: 'unverified' };
  const on = { interface: path.egress.interface };
  if (hosts.length === 0) return { state: 'up', reason: 'path', ...on };

  const askable = hosts.filter(({ standing }) => standing !== 'unaskable');
  if (askable.length === 0) return { state: 'degraded', reason: 'unverified', ...on };
  const tally = count(askable);
  if (tally.reachable > 0) {
    return tally.silent === 0
      ? { state: 'up', reason: 'reachable', ...on }
      : { state: 'degraded', reason: 'partly-unreachable', ...on };
  }
  if (tally.armed === 0) {
    // Nobody is there whose answer is worth a pause. Where nothing is paused, the answers on their way may still be awaited.
    const undecided = tally.pending > 0 && previous.state !== 'down';
    return undecided ? { ...previous, ...on } : { state: 'degraded', reason: 'unverified', ...on };
  }
  if (tally.pending > 0) return previous;
  const confirmed = silenceConfirmed || askable.every(({ silences = 0 }) => silences >= 2);
  if (confirmed || previous.state === 'down') return { state: 'down', reason: 'unreachable', ...on };
  return previous;
}

function count(hosts: readonly HostEvidence[]): {
  reachable: number;
  silent: number;
  pending: number;
  armed: number;
} {
  const tally = { reachable: 0, silent: 0, pending: 0, unaskable: 0, armed: 0 };
  for (const host of hosts) {
    tally[host.standing] += 1;
    if (host.armed) tally.armed += 1;
  }
  return tally;
}
