import { isIP } from 'node:net';
import type { CheckResult } from '../state/index.js';
import { CheckRecord } from './check-record.js';
import type { CheckTarget, HostDecision } from './check-round.js';
import type { Connect } from './connect.js';
import type { HostEvidence } from './judge.js';
import type { NameBook } from './name-book.js';
import type { Egress, PathFacts, PathVerdict } from './path.js';
import { PathTracker } from './path-tracker.js';

/** One check host as it is asked. */
export interface CheckHost {
  /** What the user called it: a host or a URL. */
  readonly label: string;
  /** The IP address or name that is connected to. */
  readonly host: string;
  readonly ports: readonly number[];
  readonly connect: Connect;
  /** Whether it takes more than a connect to prove that it was reached. */
  readonly expectsAnswer: boolean;
}

interface Member extends CheckHost {
  readonly tracker: PathTracker;
  readonly record: CheckRecord;
}

/** The check hosts with the path to each of them, what they have said on it, and what their silence is worth there. */
export class CheckHosts {
  readonly #members: readonly Member[];
  readonly #names: NameBook;
  readonly #trusted: boolean;

  constructor(hosts: readonly CheckHost[], names: NameBook, options: { readonly trusted: boolean }) {
    this.#members = hosts.map((host) => ({
      ...host,
      tracker: new PathTracker(host.host, { ports: host.ports }),
      record: new CheckRecord(),
    }));
    this.#names = names;
    this.#trusted = options.trusted;
  }

  /** The paths to all of them. */
  get trackers(): readonly PathTracker[] {
    return this.#members.map(({ tracker }) => tracker);
  }

  /** The names among them, which have to be resolved. */
  get names(): readonly string[] {
    return this.#members.map(({ host }) => host).filter((host) => isIP(host) === 0);
  }

  /**
   * A path to any of them is a path; otherwise the first that was lost says why. Undefined where there are none, or none whose name was ever
   * resolved.
   */
  get path(): PathVerdict | undefined {
    const verdicts = this.trackers.map(({ verdict }) => verdict).filter((verdict) => verdict !== undefined);
    return (
      verdicts.find(({ kind }) => kind === 'open') ?? verdicts.find(({ kind }) => kind === 'closed') ?? verdicts[0]
    );
  }

  /** Whether a connect that succeeds is proof of reach. Where a URL is asked for, it is not: a captive portal accepts every connect. */
  get takesConnects(): boolean {
    return this.#members.every(({ expectsAnswer }) => !expectsAnswer);
  }

  /** When any of them last answered, on the monotonic clock. */
  get lastAnswerAt(): number {
    return Math.max(...this.#members.map(({ record }) => record.answeredAt));
  }

  /** When any of those behind an egress last answered. */
  lastAnswerVia(egress: Egress): number {
    const answers = this.#members.filter(({ tracker }) => tracker.leadsVia(egress));
    return Math.max(...answers.map(({ record }) => record.answeredAt));
  }

  /** Judges all paths anew. Returns whether any leads another way than before, so that what was heard on it is out of date. */
  judge(facts: PathFacts, allowed: (interfaceName: string) => boolean): boolean {
    let moved = false;
    for (const { label, host, ports, tracker, record } of this.#members) {
      if (tracker.judge(facts, this.#names.addressesOf(host), allowed)) {
        record.forgetStanding();
        moved = true;
      } else if (tracker.verdict !== undefined && tracker.verdict.kind !== 'open') {
        const unreachable = { host: label, reachable: false, duration: 0, error: 'ENETUNREACH' };
        record.noteNoPath(ports.map((port) => ({ ...unreachable, port })));
      }
    }
    return moved;
  }

  /** What is known of each of them that can be asked. */
  evidence(): readonly HostEvidence[] {
    return this.#members.filter(isAskable).map((member) => this.#evidenceOf(member));
  }

  /** What is known of those that are reached by the same interface and gateway as something else: their silence is its silence. */
  evidenceVia(path: PathVerdict): readonly HostEvidence[] {
    if (path.kind !== 'open') return [];
    return this.#members
      .filter(isAskable)
      .filter(({ tracker }) => tracker.leadsVia(path.egress))
      .map((member) => this.#evidenceOf(member));
  }

  /** Those that a round would ask now: the kernel knows a way to them, or their names are not resolved yet. */
  targets(): readonly CheckTarget[] {
    return this.#members
      .filter(isAskable)
      .filter(({ tracker: { verdict } }) => verdict === undefined || verdict.kind === 'open')
      .map((member) => ({
        label: member.label,
        addresses: this.#names.addressesOf(member.host),
        ports: member.ports,
        connect: member.connect,
        ...(member.tracker.verdict?.kind === 'open' && { egress: member.tracker.verdict.egress }),
        note: (decision) => this.#note(member, decision),
      }));
  }

  /** Work has proved them wrong: the silence of those that are silent counts no more, until they answer again. */
  disarmSilent(): void {
    for (const { tracker, record } of this.#members) {
      if (tracker.network !== undefined) record.disarm(tracker.network);
    }
  }

  /** Forgets how they stand, because it is old news; what their silence is worth is remembered. */
  forgetStandings(): void {
    for (const { record } of this.#members) record.forgetStanding();
  }

  /** The newest result of every check. */
  results(): readonly CheckResult[] {
    return this.#members.flatMap(({ record }) => record.results);
  }

  #note({ tracker, record }: Member, decision: HostDecision): void {
    // After an outage the first answer says nothing yet of the other hosts, and their silence during the outage no more.
    if (decision.found === 'reached' && !this.#members.some((each) => each.record.standing === 'reachable')) {
      this.forgetStandings();
    }
    record.note(decision, tracker.network, performance.now());
  }

  #evidenceOf({ tracker: { network }, record }: Member): HostEvidence {
    const armed = network !== undefined && (this.#trusted || record.hasAnsweredOn(network));
    return { standing: record.standing, armed, silences: record.silences };
  }
}

/** A connect goes where the kernel sends it: over an interface that does not count, its answer would say nothing of one that does. */
function isAskable({ tracker: { verdict } }: Member): boolean {
  return verdict?.kind !== 'open' || verdict.chosenBy === 'kernel';
}
