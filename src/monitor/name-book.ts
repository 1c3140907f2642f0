import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { lookUpHostsFile } from '../names/index.js';

/** Finds the IP addresses of a name; none when it cannot be resolved. Never rejects. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** For how long what is known of a name is good enough, in milliseconds since it was last asked for. */
export interface Freshness {
  /** Of a name that has addresses. */
  readonly known: number;
  /** Of one that could not be resolved. */
  readonly unknown: number;
}

interface Entry {
  addresses: readonly string[];
  askedAt: number;
  asking: Promise<boolean> | undefined;
}

/** A service that talks to ever new destinations must not fill the memory with their names. */
const MOST_NAMES = 10_000;

/**
 * Addresses of the names that are watched. A name that stops resolving keeps its last good addresses: when the network is lost the resolver
 * is lost with it, and that is just when they are needed.
 */
export class NameBook {
  readonly #resolve: ResolveName;
  /** In the order of their making, so that the first is the one to drop. */
  readonly #entries = new Map<string, Entry>();

  constructor(resolve: ResolveName) {
    this.#resolve = resolve;
  }

  /** The addresses known for a host now; an IP address stands for itself. */
  addressesOf(host: string): readonly string[] {
    return isIP(host) === 0 ? (this.#entries.get(host)?.addresses ?? []) : [host];
  }

  /**
   * Looks up anew what is not fresh enough. A name that is being looked up is not asked for twice. Resolves when all have been answered for,
   * to whether any has other addresses than before.
   */
  async refresh(hosts: Iterable<string>, freshness: Freshness): Promise<boolean> {
    const names = [...new Set(hosts)].filter((host) => isIP(host) === 0);
    const changes = await Promise.all(names.map((name) => this.#refreshName(name, freshness)));
    return changes.includes(true);
  }

  #refreshName(name: string, freshness: Freshness): Promise<boolean> | false {
    const entry = this.#entries.get(name) ?? this.#add(name);
    const limit = entry.addresses.length > 0 ? freshness.known : freshness.unknown;
    if (entry.asking === undefined && performance.now() - entry.askedAt >= limit) entry.asking = this.#ask(name, entry);
    return entry.asking ?? false;
  }

  async #ask(name: string, entry: Entry): Promise<boolean> {
    entry.askedAt = performance.now();
    const found = await this.#resolve(name);
    entry.asking = undefined;
    if (found.length === 0) return false;
    const before = entry.addresses;
    entry.addresses = found;
    return before.join() !== found.join();
  }

  #add(name: string): Entry {
    const entry: Entry = { addresses: [], askedAt: Number.NEGATIVE_INFINITY, asking: undefined };
    this.#entries.set(name, entry);
    if (this.#entries.size > MOST_NAMES) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    return entry;
  }
}

/**
 * Resolves by the hosts file and DNS, not by getaddrinfo: that blocks one of libuv's four pool threads for as long as the resolver is dead,
 * and four blocked threads stop all file access of the process.
 */
export const resolveName: ResolveName = async (name) => {
  const listed = await lookUpHostsFile(name);
  if (listed.length > 0) return listed;
  // A new resolver each time: it reads the system's name servers when it is made, and those change with the network.
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
};
