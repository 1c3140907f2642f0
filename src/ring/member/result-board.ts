import { type CheckRecord, WIRE_LIMITS } from '../wire/index.js';

/** The last result of each check. */
export class ResultBoard {
  /** By the members that were checked, then by the check. */
  readonly #byTarget = new Map<string, Map<string, CheckRecord>>();

  /** @returns whether the verdict is another than before. */
  note(record: CheckRecord): boolean {
    const results = this.#byTarget.get(record.target) ?? new Map<string, CheckRecord>();
    this.#byTarget.set(record.target, results);
    const key = `${record.type} ${record.endpoint ?? ''}`;
    const before = results.get(key);
    results.set(key, record);
    return before?.verdict !== record.verdict;
  }

  /** All that is known of a member goes. */
  forget(target: string): void {
    this.#byTarget.delete(target);
  }

  /** How many there are. */
  get size(): number {
    let size = 0;
    for (const results of this.#byTarget.values()) size += results.size;
    return size;
  }

  /** In no order. */
  get records(): readonly CheckRecord[] {
    return [...this.#byTarget.values()].flatMap((results) => [...results.values()]);
  }

  /** Those that fit into a report: first what is not ok, then what is newest. */
  get reportable(): readonly CheckRecord[] {
    const { records } = this;
    if (records.length <= WIRE_LIMITS.checks) return records;
    const rank = ({ verdict }: CheckRecord): number => (verdict === 'ok' ? 1 : 0);
    return records.toSorted((a, b) => rank(a) - rank(b) || b.at - a.at).slice(0, WIRE_LIMITS.checks);
  }
}
