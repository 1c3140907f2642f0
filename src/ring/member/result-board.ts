import { type CheckRecord, WIRE_LIMITS } from '../wire/index.js';
import { LIVE } from './check-record.js';

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

  /** Who was not found by any of the last checks that tell who is there. */
  get failing(): ReadonlySet<string> {
    return new Set(this.records.filter(({ type, verdict }) => LIVE.has(type) && verdict === 'failed').map(targetOf));
  }

  /**
   * Those that fit into a report: first what is not ok, then what is newest.
   *
   * @param bytes that all of them may have as JSON.
   */
  reportable(bytes: number): readonly CheckRecord[] {
    const rank = ({ verdict }: CheckRecord): number => (verdict === 'ok' ? 1 : 0);
    const { records } = this;
    const sizes = new Map(records.map((record) => [record, Buffer.byteLength(JSON.stringify(record)) + 1]));
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    if (records.length <= WIRE_LIMITS.checks && total <= bytes) return records;
    let left = bytes;
    const fits = (record: CheckRecord): boolean => {
      const size = sizes.get(record) ?? 0;
      if (size > left) return false;
      left -= size;
      return true;
    };
    return records
      .toSorted((a, b) => rank(a) - rank(b) || b.at - a.at)
      .filter(fits)
      .slice(0, WIRE_LIMITS.checks);
  }
}

function targetOf({ target }: CheckRecord): string {
  return target;
}
