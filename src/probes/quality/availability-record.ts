import { checkOptions, numberFrom, type OptionRules, oneOf } from '../../options/index.js';
import type { ProbeResult, ProbeStatus } from '../result.js';
import { type Availability, summary } from './availability.js';
import { checkValue, MOMENT } from './check-value.js';

/** Options of an `AvailabilityRecord`. */
export interface AvailabilityRecordOptions {
  /**
   * For how long what a probe found is taken to go on, in milliseconds, where no other probe follows. Time beyond that is unknown. Three times the
   * interval between probes is a good value: one may then be late.
   *
   * @default 180_000
   */
  readonly holds?: number | undefined;
}

/** What of a result is looked at. */
export type AvailabilityEvidence = Pick<ProbeResult, 'status' | 'startedAt'>;

/**
 * Takes in the results of probes of one target, one after another, and knows at any time how available it was. It keeps sums and no results: it does
 * not grow.
 *
 * What a probe found holds from its start until the next one's. After an `inconclusive` one, nothing is known until the next that is not. What is
 * down when it is first known of is no failure.
 *
 * @example
 * const record = new AvailabilityRecord({ holds: 30_000 });
 * record.add(await probeTcp('192.0.2.1:443'));
 * record.at(Date.now()).availability;
 */
export class AvailabilityRecord {
  readonly #holds: number;
  #last: AvailabilityEvidence | undefined;
  #outage: OpenOutage | undefined;
  /** Whether there was any result that says something. */
  #isKnown = false;
  #observed = 0;
  #downtime = 0;
  #unknown = 0;
  #failures = 0;
  #restorations = 0;
  #restoring = 0;

  /** @throws {InvalidOptionError} */
  constructor(options: AvailabilityRecordOptions = {}) {
    checkOptions('AvailabilityRecord', options, RULES);
    this.#holds = options.holds ?? DEFAULT_HOLDS;
  }

  /**
   * Takes in the next result. One that began before the last one, by no more than `holds`, has come late and is left out. One that began earlier
   * still means that the clock was set back: it goes on from there, and for how long nothing was known is not known.
   *
   * @throws {InvalidOptionError}
   */
  add({ status, startedAt }: AvailabilityEvidence): void {
    checkValue('AvailabilityRecord: status', status, STATUS);
    checkValue('AvailabilityRecord: startedAt', startedAt, MOMENT);
    const last = this.#last;
    const back = last === undefined ? 0 : last.startedAt - startedAt;
    if (back > 0 && back <= this.#holds) return;
    const sawAll = last === undefined || (back <= 0 && this.#pass(last, startedAt));
    this.#last = { status, startedAt };
    if (!sawAll && this.#outage !== undefined) this.#outage.seenWhole = false;
    if (status === 'failed') this.#fail(startedAt, sawAll);
    if (status === 'ok') this.#restore(startedAt);
    if (status !== 'inconclusive') this.#isKnown = true;
  }

  /**
   * How available it was until a moment, in milliseconds since the epoch.
   *
   * @throws {InvalidOptionError}
   */
  at(moment: number): Availability {
    checkValue('AvailabilityRecord: moment', moment, MOMENT);
    const { status, startedAt } = this.#last ?? { status: 'inconclusive', startedAt: moment };
    const [known, unknown] = this.#split(status, Math.max(0, moment - startedAt));
    return summary({
      observed: this.#observed + known,
      downtime: this.#downtime + (status === 'failed' ? known : 0),
      unknown: this.#unknown + unknown,
      failures: this.#failures,
      restorations: this.#restorations,
      restoring: this.#restoring,
    });
  }

  /** @returns whether the state was known until then. */
  #pass({ status, startedAt }: AvailabilityEvidence, until: number): boolean {
    const [known, unknown] = this.#split(status, until - startedAt);
    this.#observed += known;
    this.#unknown += unknown;
    if (status === 'failed') this.#downtime += known;
    return unknown === 0;
  }

  #split(status: ProbeStatus, length: number): readonly [known: number, unknown: number] {
    const known = status === 'inconclusive' ? 0 : Math.min(length, this.#holds);
    return [known, length - known];
  }

  #fail(at: number, sawAll: boolean): void {
    if (this.#outage !== undefined) return;
    // What is down from the first has failed before.
    if (this.#isKnown) this.#failures += 1;
    this.#outage = { from: at, seenWhole: this.#isKnown && sawAll };
  }

  #restore(at: number): void {
    const outage = this.#outage;
    this.#outage = undefined;
    if (!outage?.seenWhole) return;
    this.#restorations += 1;
    this.#restoring += at - outage.from;
  }
}

interface OpenOutage {
  readonly from: number;
  seenWhole: boolean;
}

const DEFAULT_HOLDS = 180_000;

const STATUS = oneOf('ok', 'failed', 'inconclusive');

const RULES: OptionRules<AvailabilityRecordOptions> = { holds: numberFrom(1, Number.MAX_VALUE, 'milliseconds') };
