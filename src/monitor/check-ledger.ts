import type { CheckResult } from '../state/index.js';
import type { HostDecision } from './check-round.js';
import type { HostEvidence } from './judge.js';

/** Networks remembered for each host; a laptop that roams for years must not fill the memory. */
const MOST_NETWORKS = 32;

interface Entry {
  standing: HostEvidence['standing'];
  /** When it last answered, on the monotonic clock. */
  answeredAt: number;
  results: readonly CheckResult[];
  /** The networks on which it has answered: there, and only there, its silence means something. */
  readonly answeredOn: Set<string>;
}

/** What the check hosts have said, and what their silence is worth. */
export class CheckLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #trusted: boolean;

  constructor(hosts: readonly string[], options: { readonly trusted: boolean }) {
    this.#trusted = options.trusted;
    for (const host of hosts) {
      const never = Number.NEGATIVE_INFINITY;
      this.#entries.set(host, { standing: 'pending', answeredAt: never, results: [], answeredOn: new Set() });
    }
  }

  /** Notes what a round found out about a host, on the network that its path leads into. */
  record(decision: HostDecision, network: string | undefined, now: number): void {
    const entry = this.#entries.get(decision.label);
    if (entry === undefined) return;
    if (decision.found === 'reached') {
      if (!this.#anyReachable()) this.forgetStandings();
      entry.standing = 'reachable';
      entry.answeredAt = now;
      entry.results = decision.results;
      if (network !== undefined) remember(entry.answeredOn, network);
    } else if (decision.found === 'silent' && decision.askedAt >= entry.answeredAt) {
      entry.standing = 'silent';
      entry.results = decision.results;
    } else if (decision.found === 'no-evidence' && entry.standing === 'pending') {
      entry.standing = 'unaskable';
      entry.results = decision.results;
    }
  }

  /** Notes that the kernel knows no way to a host: it need not be asked to be known as silent. */
  recordNoPath(host: string, ports: readonly number[]): void {
    const entry = this.#entries.get(host);
    if (entry === undefined) return;
    entry.standing = 'silent';
    entry.results = ports.map((port) => ({ host, port, reachable: false, duration: 0, error: 'ENETUNREACH' }));
  }

  /** Forgets how a host stands, because its path is another one now; what its silence is worth there is remembered. */
  forgetStanding(host: string): void {
    const entry = this.#entries.get(host);
    if (entry !== undefined) entry.standing = 'pending';
  }

  /** Takes their word from all hosts that are silent on this network, because work has proved them wrong. */
  disarmSilent(host: string, network: string): void {
    const entry = this.#entries.get(host);
    if (entry?.standing !== 'reachable') entry?.answeredOn.delete(network);
  }

  /** Forgets how all hosts stand. */
  forgetStandings(): void {
    for (const host of this.#entries.keys()) this.forgetStanding(host);
  }

  evidence(host: string, network: string | undefined): HostEvidence {
    const entry = this.#entries.get(host);
    if (entry === undefined) return { standing: 'pending', armed: false };
    const armed = network !== undefined && (this.#trusted || entry.answeredOn.has(network));
    return { standing: entry.standing, armed };
  }

  /** After an outage the first answer says nothing yet of the other hosts, and their silence during the outage no more. */
  #anyReachable(): boolean {
    return [...this.#entries.values()].some(({ standing }) => standing === 'reachable');
  }

  /** When any host last answered, on the monotonic clock; −Infinity where none has. */
  lastAnswerAt(): number {
    let last = Number.NEGATIVE_INFINITY;
    for (const entry of this.#entries.values()) last = Math.max(last, entry.answeredAt);
    return last;
  }

  results(): readonly CheckResult[] {
    return [...this.#entries.values()].flatMap((entry) => entry.results);
  }
}

function remember(networks: Set<string>, network: string): void {
  networks.delete(network);
  networks.add(network);
  if (networks.size > MOST_NETWORKS) {
    for (const oldest of networks) {
      networks.delete(oldest);
      break;
    }
  }
}
