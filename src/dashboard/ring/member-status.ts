import type { MemberRecord } from '../../ring/wire/index.js';
import type { RingState } from './model.js';

/** How a member is, as far as the registry can know. */
export type MemberStatus =
  | { readonly kind: 'here' }
  /** Nothing was heard of it for longer than the registry's `silent_after`. */
  | { readonly kind: 'silent'; readonly since: number }
  /** It was offline itself, and told so: what it found meanwhile says nothing of others. */
  | { readonly kind: 'offline'; readonly since: number; readonly reason: string }
  | { readonly kind: 'left'; readonly since: number };

export function statusOf(
  member: MemberRecord,
  state: Pick<RingState, 'outages' | 'registry'>,
  now: number,
): MemberStatus {
  if (member.status === 'deregistered') {
    return { kind: 'left', since: (member.deregistered_at ?? member.last_seen) * 1_000 };
  }
  const outage = state.outages.findLast(({ id, until }) => id === member.instance_id && until === undefined);
  if (outage !== undefined) return { kind: 'offline', since: outage.from, reason: outage.reason };
  const heard = member.last_seen * 1_000;
  return now - heard > state.registry.silent_after ? { kind: 'silent', since: heard } : { kind: 'here' };
}
