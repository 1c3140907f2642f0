import { PATIENCE, until, within } from './bounded.js';
import type { Cable, Port } from './cable.js';
import { Faults } from './faults.js';
import { Host } from './host.js';
import type { Family } from './interface-config.js';
import {
  type Addresses,
  addressList,
  checkHostName,
  checkLabOptions,
  checkLinkOptions,
  type FamilyChoice,
  type InterfaceChoice,
  type LabOptions,
  type LinkOptions,
} from './lab-options.js';
import { type Feature, type LabSupport, labSupport } from './lab-support.js';
import { LabUnavailableError } from './lab-unavailable-error.js';
import { Namespace } from './namespace.js';
import { TO_END } from './processes.js';
import { connectByTap } from './tap-cable.js';
import { connectByVeth } from './veth-cable.js';

type Available = Extract<LabSupport, { readonly available: true }>;

/**
 * Makes an empty lab. Dispose it, best by `await using`.
 *
 * @throws {LabUnavailableError} with a plain reason, where namespaces cannot be had.
 * @throws {InvalidOptionError} for an option with a wrong name or value.
 */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  checkLabOptions(options);
  const support = await labSupport(options.privilege);
  if (!support.available) throw new LabUnavailableError(support.reason);
  return new Lab(support);
}

/**
 * Hosts joined by cables, on the kernel of this machine and apart from everything on it. Faults are named by what happens, and resolve with
 * the moment at which it was done: CLOCK_MONOTONIC in nanoseconds, as `process.hrtime.bigint()` has it in every process of the machine.
 */
export class Lab implements AsyncDisposable {
  readonly #support: Available;
  readonly #names = new Set<string>();
  readonly #hosts = new Map<string, Host>();
  readonly #cables: Cable[] = [];
  readonly #faults = new Faults();
  /** All that was ever begun, so that what is still on its way when the lab ends is not forgotten. */
  readonly #namespaces: Promise<Namespace>[] = [];
  #outer: Promise<Namespace> | undefined;
  #disposal: Promise<void> | undefined;

  constructor(support: Available) {
    this.#support = support;
  }

  /** Adds a host, with nothing but a loopback interface. */
  async host(name: string): Promise<Host> {
    checkHostName(name);
    if (this.#names.has(name)) throw new Error(`there is a host ${name} already`);
    this.#names.add(name);
    const host = new Host(name, await this.#openNamespace());
    await Promise.all(SETTINGS.map(([key, value]) => host.sysctl(key, value)));
    this.#hosts.set(name, host);
    return host;
  }

  /** Adds a host that forwards IPv4 and IPv6. */
  async router(name: string): Promise<Host> {
    const router = await this.host(name);
    await this.#faults.setForwarding(router, 'on');
    return router;
  }

  /** Joins two hosts by a cable. Resolves when both ends have carrier and their addresses can be used. */
  async link(a: Host, b: Host, options: LinkOptions = {}): Promise<Cable> {
    checkLinkOptions(options);
    const { addresses = [[], []], kind = 'veth', rate } = options;
    const ends: readonly [Port, Port] = [
      { host: a, interface: a.nextInterface() },
      { host: b, interface: b.nextInterface() },
    ];
    if (kind === 'tap') demand(this.#support.tap);
    const cable = await (kind === 'tap' ? connectByTap(...ends) : connectByVeth(...ends));
    this.#cables.push(cable);
    await Promise.all(cable.ends.map((end, index) => addAddresses(end, addresses[index] ?? [])));
    if (rate !== undefined) {
      demand(this.#support.tc);
      await Promise.all(cable.ends.map((end) => limitRate(end, rate)));
    }
    await Promise.all(cable.ends.map(operational));
    return cable;
  }

  /** Takes the carrier from an interface. Everything else stays configured as it was. */
  async pullCable(host: string, choice?: InterfaceChoice): Promise<bigint> {
    return this.#faults.pullCable(...this.#cableAt(host, choice));
  }

  /** Gives the carrier back, and what the far end of a veth pair has lost by it. */
  async plugIn(host: string, choice?: InterfaceChoice): Promise<bigint> {
    return this.#faults.plugIn(...this.#cableAt(host, choice));
  }

  /** Sets an interface down. The kernel then forgets its routes and its IPv6 addresses. */
  async linkDown(host: string, choice?: InterfaceChoice): Promise<bigint> {
    return this.#faults.linkDown(this.#portAt(host, choice));
  }

  /** Sets an interface up, and no more: see {@link reconfigure}. */
  async linkUp(host: string, choice?: InterfaceChoice): Promise<bigint> {
    return this.#faults.linkUp(this.#portAt(host, choice));
  }

  /** Puts back the addresses and routes that an interface had before it was set down, as a network manager does. */
  async reconfigure(host: string, choice?: InterfaceChoice): Promise<bigint> {
    return this.#faults.reconfigure(this.#portAt(host, choice));
  }

  /** Removes the addresses of an interface. The kernel then forgets the routes that hang on them. */
  async removeAddress(host: string, choice: InterfaceChoice & FamilyChoice = {}): Promise<bigint> {
    return this.#faults.removeAddress(this.#portAt(host, choice), familiesOf(choice));
  }

  /** Puts the removed addresses back, and the routes that went with them. */
  async restoreAddress(host: string, choice?: InterfaceChoice): Promise<bigint> {
    return this.#faults.restoreAddress(this.#portAt(host, choice));
  }

  /** Removes the default routes of a host. */
  async removeDefaultRoute(host: string, choice: FamilyChoice = {}): Promise<bigint> {
    return this.#faults.removeDefaultRoute(this.#hostNamed(host), familiesOf(choice));
  }

  /** Puts the removed default routes back. */
  async restoreDefaultRoute(host: string): Promise<bigint> {
    return this.#faults.restoreDefaultRoute(this.#hostNamed(host));
  }

  /** Has a router drop in silence what is not for itself. All links stay up. */
  async stopForwarding(router: string): Promise<bigint> {
    return this.#faults.setForwarding(this.#hostNamed(router), 'off');
  }

  async startForwarding(router: string): Promise<bigint> {
    return this.#faults.setForwarding(this.#hostNamed(router), 'on');
  }

  /**
   * Has a host drop in silence whatever comes, goes or passes, save on its loopback. The moment is that of the start of nft(8), some
   * milliseconds before the kernel is asked.
   */
  async dropAll(host: string): Promise<bigint> {
    return this.#faults.dropAll(this.#hostNamed(host));
  }

  /** Ends {@link dropAll}. */
  async allow(host: string): Promise<bigint> {
    return this.#faults.allow(this.#hostNamed(host));
  }

  /** Ends every process in the hosts, waits until they are gone, and leaves nothing behind. May be repeated. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #dispose(): Promise<void> {
    const settled = await Promise.allSettled(this.#namespaces);
    const closed = settled.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined));
    const emptied = [...this.#hosts.values()].map((host) => host.emptied());
    await within(TO_END + PATIENCE, () => 'the end of the lab', Promise.all([...closed, ...emptied]));
  }

  async #openNamespace(): Promise<Namespace> {
    if (this.#support.privilege === 'root') return this.#keep(Namespace.open({ kind: 'root' }));
    this.#outer ??= this.#keep(Namespace.open({ kind: 'user-namespace' }));
    return this.#keep(this.#outer.then((outer) => Namespace.open({ kind: 'within', outer })));
  }

  #keep(namespace: Promise<Namespace>): Promise<Namespace> {
    if (this.#disposal !== undefined) throw new Error('the lab is disposed');
    this.#namespaces.push(namespace);
    return namespace;
  }

  #cableAt(host: string, choice?: InterfaceChoice): [Cable, Port] {
    const wanted = choice?.interface ?? UPLINK;
    const owner = this.#hostNamed(host);
    for (const cable of this.#cables) {
      const end = cable.ends.find((port) => port.host === owner && port.interface === wanted);
      if (end !== undefined) return [cable, end];
    }
    throw new Error(`${host} has no interface ${wanted}`);
  }

  #portAt(host: string, choice?: InterfaceChoice): Port {
    return this.#cableAt(host, choice)[1];
  }

  #hostNamed(name: string): Host {
    const host = this.#hosts.get(name);
    if (host !== undefined) return host;
    throw new Error(`there is no host ${name}, only ${[...this.#hosts.keys()].sort().join(', ') || 'none'}`);
  }
}

const UPLINK = 'eth0';

/** A new namespace inherits some settings from this machine. A lab must be the same everywhere, and its addresses usable at once. */
const SETTINGS = [
  ['net.ipv4.conf.all.forwarding', 0],
  ['net.ipv4.conf.all.rp_filter', 0],
  ['net.ipv4.conf.default.rp_filter', 0],
  ['net.ipv4.conf.all.ignore_routes_with_linkdown', 0],
  ['net.ipv4.conf.default.ignore_routes_with_linkdown', 0],
  ['net.ipv6.conf.all.disable_ipv6', 0],
  ['net.ipv6.conf.default.disable_ipv6', 0],
  // No duplicate address detection, which takes one or two seconds.
  ['net.ipv6.conf.all.accept_dad', 0],
  ['net.ipv6.conf.default.accept_dad', 0],
] as const;

function demand(feature: Feature): void {
  if (!feature.available) throw new LabUnavailableError(feature.reason);
}

async function addAddresses(end: Port, addresses: Addresses): Promise<void> {
  await end.host.configure(
    ...addressList(addresses).map((address) => ['address', 'add', address, 'dev', end.interface]),
  );
}

/**
 * A token bucket. Its burst must hold what the kernel sends in one tick of its timer (tc-tbf(8)); 100 of them a second are the slowest
 * there is. At least one segment that was put together for offloading (64 KiB) fits, or it would be dropped.
 */
async function limitRate(end: Port, bitsPerSecond: number): Promise<void> {
  const burst = Math.max(64 * 1024, Math.ceil(bitsPerSecond / 8 / 100));
  const bucket = ['tbf', 'rate', `${bitsPerSecond}bit`, 'burst', `${burst}b`, 'latency', '50ms'];
  await end.host.exec('tc', ['qdisc', 'replace', 'dev', end.interface, 'root', ...bucket]);
}

function operational(end: Port): Promise<void> {
  const describe = () => `${end.interface} of ${end.host.name} does not become operational`;
  return until(() => end.host.isOperational(end.interface), describe);
}

function familiesOf({ family }: FamilyChoice): readonly Family[] | undefined {
  return family === undefined ? undefined : [family];
}
