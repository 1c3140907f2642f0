import type { CheckResult } from '../state/index.js';
import type { HostDecision } from './check-round.js';
import type { HostEvidence } from './judge.js';

/** Networks remembered for each host; a laptop that roams for years must not fill the memory. */
const MOST_NETWORKS = 32;

/** What one endpoint has said, and what its silence is worth. */
export class CheckRecord {
  #standing: HostEvidence['standing'] = 'pending';
  #answeredAt = Number.NEGATIVE_INFINITY;
  #silentAt = Number.NEGATIVE_INFINITY;
  #silences = 0;
  #results: readonly CheckResult[] = [];
  /** The networks on which it has answered, the latest last: there, and only there, its silence means something. */
  readonly #answeredOn = new Set<string>();

  get standing(): HostEvidence['standing'] {
    return this.#standing;
  }

  /** When it last answered, on the monotonic clock; −Infinity where it never has. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /** How many rounds in a row it was silent, each begun after the one before had ended: rounds that overlap see one and the same moment. */
  get silences(): number {
    return this.#silences;
  }

  /** How its newest checks ended. */
  get results(): readonly CheckResult[] {
    return this.#results;
  }

  /** Notes what a round found out, on the network that the path leads into. */
  note({ found, askedAt, results }: HostDecision, network: string | undefined, now: number): void {
    if (found === 'reached') {
      this.#standing = 'reachable';
      this.#answeredAt = now;
      this.#silences = 0;
      this.#results = results;
      if (network !== undefined) this.#remember(network);
    } else if (found === 'silent' && askedAt >= this.#answeredAt) {
      this.#standing = 'silent';
      this.#results = results;
      if (askedAt < this.#silentAt) return;
      this.#silentAt = now;
      this.#silences += 1;
    } else if (found === 'no-evidence' && this.#standing === 'pending') {
      this.#standing = 'unaskable';
      this.#results = results;
    }
  }

  /** Notes that the kernel knows no way there: it need not be asked to be known as silent. */
  noteNoPath(results: readonly CheckResult[]): void {
    this.#standing = 'silent';
    this.#results = results;
  }

  /** Forgets how it stands, because that is old news; what its silence is worth is remembered. */
  forgetStanding(): void {
    this.#standing = 'pending';
    this.#silences = 0;
  }

  /** Whether it has answered on this network, so that its silence there means something. */
  hasAnsweredOn(network: string): boolean {
    return this.#answeredOn.has(network);
  }

  /** Its silence on this network proves nothing any more, until it answers there again. */
  disarm(network: string): void {
    if (this.#standing !== 'reachable') this.#answeredOn.delete(network);
  }

  #remember(network: string): void {
    this.#answeredOn.delete(network);
    this.#answeredOn.add(network);
    const [oldest] = this.#answeredOn;
    if (this.#answeredOn.size > MOST_NETWORKS && oldest !== undefined) this.#answeredOn.delete(oldest);
  }
}
