import { writeDuration } from '../../options/duration.js';
import type { Colours } from '../../text/appearance.js';
import { clockTime } from '../../text/clock-time.js';
import { formatDuration } from '../../text/duration.js';
import { printable } from '../../text/fit.js';
import type { DemoSettings } from './demo-settings.js';
import type { Pair } from './diagnosis.js';
import { type Matrix, renderMatrix } from './matrix.js';
import type { SeenOutage } from './ring-view.js';
import type { Outcome } from './scenario.js';
import type { Testbed } from './testbed.js';

/** How a reporter writes. */
export interface ReporterEdges {
  readonly colours: Colours;
  write(line: string): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Says what happens, in words for somebody who sees a ring for the first time. Durations are in milliseconds. */
export class Reporter {
  readonly #testbed: Pick<Testbed, 'kind' | 'url'>;
  readonly #settings: DemoSettings;
  readonly #edges: ReporterEdges;

  constructor(testbed: Pick<Testbed, 'kind' | 'url'>, settings: DemoSettings, edges: ReporterEdges) {
    this.#testbed = testbed;
    this.#settings = settings;
    this.#edges = edges;
  }

  /** @param whyLoopback why there are no namespaces. */
  introduce(whyLoopback: string | undefined): void {
    const { sites, pullEvery, pace } = this.#settings;
    const { colours, write } = this.#edges;
    const [check, every, half] = [pace.check, pullEvery, pullEvery / 2].map(writeDuration);
    if (this.#testbed.kind === 'namespaces') {
      write(
        `A registry and ${sites.length} members, each in a network namespace of its own, joined by cables to a router.`,
      );
      write(
        `The members check each other every ${check}. Every ${every} one cable is pulled, and put back after ${half}.`,
      );
    } else {
      write(
        `A registry and ${sites.length} members on 127.0.0.1, without network namespaces: ${printable(whyLoopback ?? '')}.`,
      );
      write(
        `The members check each other every ${check}. There are no cables that could be pulled: every ${every} one`,
      );
      write(
        `member is killed in their place, and started again after ${half}. So no outage of a member's own is seen here.`,
      );
    }
    write('');
    write(`The page of the registry: ${colours.strong(`${this.#testbed.url}/`)} (open it in a browser)`);
    write('Ctrl-C ends the demo and leaves nothing behind.');
    write('');
  }

  joined(site: string, count: number): void {
    this.#say(`${site} has joined (${count} of ${this.#settings.sites.length})`);
  }

  /** @param after how long it took; undefined where it takes too long. */
  gathered(pairs: number, after: number | undefined): void {
    if (after === undefined) this.missed('not everybody has come and reaches everybody');
    else this.#say(this.#edges.colours.good(`all reach each other: ${pairs} of ${pairs} pairs are ok`));
  }

  nextFault(site: string, after: number): void {
    this.#say(`${this.#words.ahead(site)} in ${formatDuration(after)}`);
  }

  cutOff(site: string): void {
    this.#say(this.#edges.colours.strong(this.#words.cutOff(site)));
  }

  unreachable(site: string, others: number, after: number): void {
    const nobody = others === 1 ? 'the other member does not reach' : `none of the ${others} others reaches`;
    this.#say(`${formatDuration(after)} later the ring says: ${nobody} ${site}`);
  }

  /** @param isAlone whether nobody is said to be broken but this member. */
  silent(site: string, after: number, isAlone: boolean): void {
    const rest = isAlone ? ', and all other paths are ok' : '';
    this.#say(`${formatDuration(after)} later: nothing is heard of ${site} either, so ${this.#words.diagnosis}${rest}`);
  }

  mended(site: string): void {
    this.#say(this.#edges.colours.strong(this.#words.mended(site)));
  }

  /** @param after how long after the fault the member has noticed it, and how long after its end it has told. */
  toldOutage(
    { id, from, until = from, reason }: SeenOutage,
    after: { readonly noticed: number; readonly told: number },
  ): void {
    const length = formatDuration(until - from);
    const noticed = formatDuration(Math.max(0, after.noticed));
    this.#say(
      `${formatDuration(after.told)} later ${id} tells: it was offline itself for ${length} (${printable(reason)}),`,
    );
    this.#edges.write(`${INDENT}and knew it ${noticed} after the cable was pulled`);
  }

  healed(after: number): void {
    this.#say(this.#edges.colours.good(`${formatDuration(after)} later all is well again`));
  }

  blamed(pairs: readonly Pair[]): void {
    if (pairs.length === 0) this.#say('nobody else was blamed');
    else this.missed(`wrongly blamed: ${pairs.map((pair) => pair.join(' → ')).join(', ')}`);
  }

  /** Something was to be expected, and did not happen. */
  missed(what: string): void {
    this.#say(this.#edges.colours.bad(`unexpected: ${what}`));
  }

  /** It is over, and everything is taken down. */
  ended(outcome: Outcome): void {
    this.#say(`stopped: ${this.#summaryOf(outcome)}; nothing is left behind`);
  }

  matrix(matrix: Matrix): void {
    for (const line of renderMatrix(matrix, this.#edges.colours)) this.#edges.write(`  ${line}`);
  }

  #summaryOf({ faults, faultsOver, isAsExpected }: Outcome): string {
    if (faults === 0) return isAsExpected ? this.#words.count(0) : 'not everything was as expected';
    const count = this.#words.count(faults);
    if (!isAsExpected) return `${count}, and not everything was as expected`;
    if (faultsOver === faults) return `${count}, ${faults === 1 ? '' : 'each '}shown as what it was`;
    if (faults === 1) return `${count}, and not watched to the end`;
    return `${count}, each shown as what it was but the last, which was not watched to the end`;
  }

  get #words(): FaultWords {
    return WORDS[this.#testbed.kind];
  }

  #say(text: string): void {
    const { colours, write, now } = this.#edges;
    write(`${colours.dim(clockTime(now()))}  ${text}`);
  }
}

/** As wide as the time, and the gap behind it. */
const INDENT = ' '.repeat(10);

interface FaultWords {
  ahead(site: string): string;
  cutOff(site: string): string;
  mended(site: string): string;
  /** How many faults there were. */
  count(faults: number): string;
  readonly diagnosis: string;
}

const WORDS: Readonly<Record<Testbed['kind'], FaultWords>> = {
  namespaces: {
    ahead: (site) => `the cable of ${site} is pulled`,
    cutOff: (site) => `the cable of ${site} is pulled`,
    mended: (site) => `the cable of ${site} is put back`,
    count: (faults) => `${faults === 0 ? 'no' : faults} ${faults === 1 ? 'cable' : 'cables'} pulled`,
    diagnosis: 'it is cut off itself',
  },
  loopback: {
    ahead: (site) => `${site} is killed`,
    cutOff: (site) => `${site} is killed`,
    mended: (site) => `${site} is started again`,
    count: (faults) => `${faults === 0 ? 'no' : faults} ${faults === 1 ? 'member' : 'members'} killed`,
    diagnosis: 'it is down itself',
  },
};
