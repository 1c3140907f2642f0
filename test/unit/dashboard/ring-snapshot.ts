import type { MatrixColumn, RingSnapshot } from '../../../src/ring/registry/index.js';
import type { MemberRecord } from '../../../src/ring/wire/index.js';

export const NOW = 1_800_000_000_000;

export function member(id: string, rest: Partial<MemberRecord> = {}): MemberRecord {
  const seconds = NOW / 1_000;
  return {
    instance_id: id,
    location: id.split('-')[0] ?? id,
    ip: '192.0.2.1',
    port: 8757,
    last_seen: seconds,
    registered_at: seconds - 600,
    status: 'active',
    ...rest,
  };
}

export function column(verdicts: string, values: readonly (number | null)[] = []): MatrixColumn {
  return {
    verdicts,
    values: [...verdicts].map((_, index) => values[index] ?? null),
    ages: [...verdicts].map(() => 2),
    notes: [...verdicts].flatMap((verdict, index) => (verdict === '-' ? [[index, 'path: timeout'] as const] : [])),
  };
}

/** Three members that reach each other in 10, 30 and 100 ms, but for one that fails from b to c, and one that b cannot tell. */
export function snapshot(rest: Partial<RingSnapshot> = {}): RingSnapshot {
  return {
    now: NOW,
    registry: { version: '1', silent_after: 100_000, old_after: 180_000 },
    members: [member('a'), member('b'), member('c')],
    matrix: {
      ids: ['a', 'b', 'c'],
      rows: [
        { source: 0, at: NOW, targets: [1, 2], checks: { tcp: column('++', [10, 30]), bandwidth: column('-.') } },
        { source: 1, at: NOW, targets: [0, 2], checks: { tcp: column('?-'), ping: column('?+', [null, 9]) } },
        { source: 2, at: NOW, targets: [1], checks: { tcp: column('+', [100]), ping: column('?') } },
      ],
    },
    outages: [],
    analysis: { enabled: false, locations: {}, alerts: [] },
    ...rest,
  };
}
