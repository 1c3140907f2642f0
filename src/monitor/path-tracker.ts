import {
  type Egress,
  judgePath,
  networkKey,
  type PathFacts,
  type PathQuestion,
  type PathVerdict,
  wayKey,
} from './path.js';

/** What the packets to a destination have that routing policy may look at. */
export type PacketTraits = Pick<PathQuestion, 'ports' | 'traits'>;

/** Follows the path to one destination through time: what it is, and what it was when it was last open. */
export class PathTracker {
  #verdict: PathVerdict | undefined;
  #lastEgress: Egress | undefined;

  readonly #packets: PacketTraits;

  constructor(
    /** The destination as the user named it. */
    readonly host: string,
    packets: PacketTraits = {},
  ) {
    this.#packets = packets;
  }

  /** The newest verdict; undefined while the destination's name has no known address. */
  get verdict(): PathVerdict | undefined {
    return this.#verdict;
  }

  /** The link that the path leads over, or led over when it was last open. */
  get ifIndex(): number | undefined {
    return this.#lastEgress?.ifIndex;
  }

  /** The address that packets left with when it was last open. */
  get source(): string | undefined {
    return this.#lastEgress?.source;
  }

  /** The network that the path leads into now, if it is open. */
  get network(): string | undefined {
    return this.#verdict?.kind === 'open' ? networkKey(this.#verdict.egress) : undefined;
  }

  /** Whether the path is open and leaves by the same interface and gateway as something else: what is true of the one is of the other. */
  leadsVia(egress: Egress): boolean {
    return this.#verdict?.kind === 'open' && wayKey(this.#verdict.egress) === wayKey(egress);
  }

  /** Judges anew. Returns true when the path has come back or leads into another network than when it was last open. */
  judge(facts: PathFacts, addresses: readonly string[], allowed: (interfaceName: string) => boolean): boolean {
    const networkBefore = this.network;
    this.#verdict =
      addresses.length === 0
        ? undefined
        : this.#keepIdentity(
            judgePath(facts, { ...this.#packets, destinations: addresses, lastEgress: this.#lastEgress, allowed }),
          );
    if (this.#verdict?.kind === 'open') this.#lastEgress = this.#verdict.egress;
    return this.network !== undefined && this.network !== networkBefore;
  }

  /** An unchanged egress stays the same object, so that work which began on it can be told by reference. */
  #keepIdentity(verdict: PathVerdict): PathVerdict {
    const last = this.#lastEgress;
    if (verdict.kind !== 'open' || last === undefined) return verdict;
    const same = last.ifIndex === verdict.egress.ifIndex && networkKey(last) === networkKey(verdict.egress);
    return same ? { ...verdict, egress: last } : verdict;
  }
}
