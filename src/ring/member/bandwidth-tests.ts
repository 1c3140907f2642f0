import { formatEndpoint } from '../../names/index.js';
import { type BandwidthResult, probeBandwidth, type ResolveHost } from '../../probes/index.js';
import type { Turn } from '../plan/index.js';
import type { CheckRecord, MemberRecord } from '../wire/index.js';
import type { AllowList } from './allow-list.js';
import type { BandwidthTurns } from './bandwidth-turns.js';
import { checkRecordOf } from './check-record.js';
import { hostToAsk } from './checks-for.js';
import { exchange } from './exchange.js';
import { isSamePlace, type KnownMembers } from './known-members.js';
import type { MemberLog } from './member-log.js';
import type { MemberMonitor, MemberSettings } from './member-options.js';

/** What bandwidth tests are made with. */
export interface BandwidthTestParts {
  readonly settings: MemberSettings;
  readonly known: KnownMembers;
  readonly allowed: AllowList;
  readonly turns: BandwidthTurns;
  readonly monitor: MemberMonitor | undefined;
  /** Knows only addresses that may be probed. */
  readonly resolve: ResolveHost;
  readonly log: MemberLog;
  readonly onRecord: (record: CheckRecord, duration: number) => void;
}

/** Where a member is asked whether it may be tested now. */
export const CLAIM_PATH = '/bandwidth_test/claim';

/** Milliseconds. */
const LONGEST_WAIT = 10_000;
const CLAIM_TIMEOUT = 5_000;
/** Milliseconds below which a test is not begun. */
const SHORTEST_TEST = 500;
const LONGEST_TEST = 5_000;

/** Measures what comes in from the other members, one after the other, by the timetable. */
export class BandwidthTests {
  readonly #parts: BandwidthTestParts;
  /** When each member was tested last, by a monotonic clock. */
  readonly #testedAt = new Map<string, number>();

  constructor(parts: BandwidthTestParts) {
    this.#parts = parts;
  }

  /**
   * Makes the test whose turn it is, if there is any.
   *
   * @returns milliseconds until it is worth looking again. The list of members may be another one soon.
   */
  async step(signal: AbortSignal): Promise<number> {
    const { turns } = this.#parts;
    const turn = turns.turnAt(Date.now());
    if (turn !== undefined) await this.#take(turn, signal);
    const { slot } = this.#parts.settings.timetable;
    return Math.min(Math.max(1, turns.untilNext(Date.now())), slot, LONGEST_WAIT);
  }

  /** A member has gone. */
  forget(id: string): void {
    this.#testedAt.delete(id);
  }

  async #take(turn: Turn, signal: AbortSignal): Promise<void> {
    const { turns, known, allowed, monitor } = this.#parts;
    turns.use(turn);
    // By a clock that nobody sets: the other one may be an hour off when it is asked again.
    const end = performance.now() + turn.until - Date.now();
    const target = known.get(turn.partner);
    if (target === undefined || !this.#isDue(turn) || !allowed.mayAllow(target.ip) || monitor?.state === 'down') return;
    if (!(await this.#isGranted(turn, target, signal)) || !this.#isThere(target)) return;
    this.#testedAt.set(turn.partner, performance.now());
    const result = await this.#test(target, end - performance.now(), signal);
    // That somebody else was first says nothing of the member; it comes again. One that has gone or moved meanwhile is another.
    if (result === undefined || result.reason === 'busy' || !this.#isThere(target)) return;
    this.#parts.onRecord(checkRecordOf(result, { type: 'bandwidth', target }), result.duration);
  }

  #isThere(target: MemberRecord): boolean {
    const now = this.#parts.known.get(target.instance_id);
    return now !== undefined && isSamePlace(now, target);
  }

  /** In a small ring a pair's turn comes sooner than it is to be tested; a slot more or less does not matter. */
  #isDue({ partner, from, until }: Turn): boolean {
    const last = this.#testedAt.get(partner) ?? Number.NEGATIVE_INFINITY;
    return performance.now() - last >= this.#parts.settings.bandwidthInterval - (until - from) / 2;
  }

  /** Asks the other side, which has its own list and clock. One that knows no timetable has its lease alone to say no. */
  async #isGranted({ version }: Turn, target: MemberRecord, signal: AbortSignal): Promise<boolean> {
    const { settings, resolve, log } = this.#parts;
    try {
      const { addresses } = await resolve(hostToAsk(target), { family: 'any', signal });
      const url = new URL(`http://${formatEndpoint({ host: addresses[0] ?? '', port: target.port })}${CLAIM_PATH}`);
      url.search = new URLSearchParams({ source: settings.instanceId, version, at: String(Date.now()) }).toString();
      const answer = await exchange({
        method: 'GET',
        url,
        headers: { host: formatEndpoint({ host: hostToAsk(target), port: target.port }) },
        timeout: CLAIM_TIMEOUT,
        connectTimeout: settings.tcpTimeout,
        maxBytes: 4_096,
        signal,
        resolve,
      });
      if (answer.status !== 409) return true;
      log.write('debug', 'bandwidth test refused', { member: target.instance_id, answer: answer.text.slice(0, 200) });
      return false;
    } catch {
      // Whose fault that is, the test itself will say.
      return !signal.aborted;
    }
  }

  async #test(target: MemberRecord, timeLeft: number, signal: AbortSignal): Promise<BandwidthResult | undefined> {
    const { settings, monitor, resolve } = this.#parts;
    if (timeLeft < SHORTEST_TEST) return undefined;
    return probeBandwidth(
      formatEndpoint({ host: hostToAsk(target), port: target.port }),
      {
        direction: 'download',
        maxBytes: settings.bandwidthTestSize,
        duration: Math.min(LONGEST_TEST, timeLeft / 3),
        timeout: timeLeft,
      },
      { signal, monitor, resolve },
    );
  }
}
