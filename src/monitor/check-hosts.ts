import { isIP } from 'node:net';
import type { CheckResult } from '../state/index.js';
import { CheckLedger } from './check-ledger.js';
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
}

interface Member extends CheckHost {
  readonly tracker: PathTracker;
}

/** The check hosts with the path to each of them, what they have said on it, and what their silence is worth there. */
export class CheckHosts {
  readonly #members: readonly Member[];
  readonly #ledger: CheckLedger;
  readonly #names: NameBook;

  constructor(hosts: readonly CheckHost[], names: NameBook, options: { readonly trusted: boolean }) {
    this.#members = hosts.map((host) => ({ ...host, tracker: new PathTracker(host.host, { ports: host.ports }) }));
    this.#ledger = new CheckLedger(
      hosts.map(({ label }) => label),
      options,
    );
    this.#names = names;
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

  /** Whether there is one whose silence would mean something. */
  get armed(): boolean {
    return this.evidence().some(({ armed }) => armed);
  }

  /** When any of them last answered, on the monotonic clock. */
  get lastAnswerAt(): number {
    return this.#ledger.lastAnswerAt();
  }

  /** Judges all paths anew. Returns whether any leads another way than before, so that what was heard on it is out of date. */
  judge(facts: PathFacts, allowed: (interfaceName: string) => boolean): boolean {
    let moved = false;
    for (const { label, host, ports, tracker } of this.#members) {
      if (tracker.judge(facts, this.#names.addressesOf(host), allowed)) {
        this.#ledger.forgetStanding(label);
        moved = true;
      } else if (tracker.verdict !== undefined && tracker.verdict.kind !== 'open') {
        this.#ledger.recordNoPath(label, ports);
      }
    }
    return moved;
  }

  /** What is known of each of them that can be asked. */
  evidence(): readonly HostEvidence[] {
    return this.#members.filter(isAskable).map((member) => this.#evidenceOf(member));
  }

  /** What is known of those that are reached by the same interface and gateway as something else: their silence is its silence. */
  evidenceVia({ ifIndex, gateway }: Egress): readonly HostEvidence[] {
    return this.#members
      .filter(isAskable)
      .filter(({ tracker: { verdict } }) => {
        return verdict?.kind === 'open' && verdict.egress.ifIndex === ifIndex && verdict.egress.gateway === gateway;
      })
      .map((member) => this.#evidenceOf(member));
  }

  /** Those that a round would ask now: the kernel knows a way to them, or their names are not resolved yet. */
  targets(): readonly CheckTarget[] {
    return this.#members
      .filter(isAskable)
      .filter(({ tracker: { verdict } }) => verdict === undefined || verdict.kind === 'open')
      .map(({ label, host, ports, connect }) => ({ label, addresses: this.#names.addressesOf(host), ports, connect }));
  }

  record(decision: HostDecision): void {
    const member = this.#members.find(({ label }) => label === decision.label);
    this.#ledger.record(decision, member?.tracker.network, performance.now());
  }

  /** Work has proved them wrong: the silence of those that are silent counts no more, until they answer again. */
  disarmSilent(): void {
    for (const { label, tracker } of this.#members) {
      if (tracker.network !== undefined) this.#ledger.disarmSilent(label, tracker.network);
    }
  }

  /** Forgets how they stand, because it is old news; what their silence is worth is remembered. */
  forgetStandings(): void {
    this.#ledger.forgetStandings();
  }

  /** The newest result of every check. */
  results(): readonly CheckResult[] {
    return this.#ledger.results();
  }

  #evidenceOf({ label, tracker }: Member): HostEvidence {
    return this.#ledger.evidence(label, tracker.network);
  }
}

/** A connect goes where the kernel sends it: over an interface that does not count, its answer would say nothing of one that does. */
function isAskable({ tracker: { verdict } }: Member): boolean {
  return verdict?.kind !== 'open' || verdict.chosenBy === 'kernel';
}
