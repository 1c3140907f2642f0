import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** Finds the IP addresses of a name; none when it cannot be resolved. Never rejects. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/**
 * Addresses of the names that are watched. A name that stops resolving keeps its last good addresses: when the network is lost the resolver
 * is lost with it, and that is just when they are needed.
 */
export class NameBook {
  readonly #resolve: ResolveName;
  /** In the order of their last change, so that the first is the one to drop. */
  readonly #addresses = new Map<string, readonly string[]>();

  constructor(resolve: ResolveName) {
    this.#resolve = resolve;
  }

  /** The addresses known for a host now; an IP address stands for itself. */
  addressesOf(host: string): readonly string[] {
    return isIP(host) === 0 ? (this.#addresses.get(host) ?? []) : [host];
  }

  /** Looks names up anew. Resolves when all have been answered for, to whether any of them has changed. */
  async refresh(hosts: Iterable<string>): Promise<boolean> {
    const changes = await Promise.all(
      [...new Set(hosts)].filter((host) => isIP(host) === 0).map((name) => this.#refreshName(name)),
    );
    return changes.includes(true);
  }

  async #refreshName(name: string): Promise<boolean> {
    const found = await this.#resolve(name);
    if (found.length === 0) return false;
    const before = this.#addresses.get(name);
    this.#addresses.delete(name);
    this.#addresses.set(name, found);
    this.#dropOldest();
    return before === undefined || before.join() !== found.join();
  }

  #dropOldest(): void {
    if (this.#addresses.size <= MOST_NAMES) return;
    for (const oldest of this.#addresses.keys()) {
      this.#addresses.delete(oldest);
      return;
    }
  }
}

/** A service that talks to ever new destinations must not fill the memory with their names. */
const MOST_NAMES = 10_000;

const HOSTS_FILE = '/etc/hosts';

/**
 * Resolves by the hosts file and DNS, not by getaddrinfo: that blocks one of libuv's four pool threads for as long as the resolver is dead,
 * and four blocked threads stop all file access of the process.
 */
export const resolveName: ResolveName = async (name) => {
  const listed = await lookUpHostsFile(name.replace(/\.$/, '').toLowerCase());
  if (listed.length > 0) return listed;
  // A new resolver each time: it reads the system's name servers when it is made, and those change with the network.
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
};

async function lookUpHostsFile(name: string): Promise<readonly string[]> {
  const text = await readFile(HOSTS_FILE, 'utf8').catch(() => '');
  return addressesInHostsFile(text, name);
}

/** The addresses that a hosts(5) file lists for a name. */
export function addressesInHostsFile(text: string, name: string): readonly string[] {
  const addresses: string[] = [];
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (address !== undefined && isIP(address) !== 0 && names.some((listed) => listed.toLowerCase() === name)) {
      addresses.push(address);
    }
  }
  return addresses;
}
