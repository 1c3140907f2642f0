import type { Cable, Port } from './cable.js';
import type { Host } from './host.js';
import {
  FAMILIES,
  type Family,
  type InterfaceConfig,
  putBack,
  putBackRoutes,
  readConfig,
  readDefaultRoutes,
} from './interface-config.js';
import { labSupport } from './lab-support.js';
import { LabUnavailableError } from './lab-unavailable-error.js';

/**
 * Breaks things in a host and mends them. What a fault takes away is remembered until it has been put back as it was. Every method resolves with CLOCK_MONOTONIC in nanoseconds, right before the kernel was asked.
 */
export class Faults {
  readonly #pulled = new Set<Port>();
  readonly #beforeLinkDown = new Losses<Port>((port) => `${nameOf(port)} was never set down`);
  readonly #addressless = new Losses<Port>((port) => `no address of ${nameOf(port)} was removed`);
  readonly #routeless = new Losses<Host>((host) => `no default route of ${host.name} was removed`);

  async pullCable(cable: Cable, end: Port): Promise<bigint> {
    if (this.#pulled.has(end)) throw new Error(`the cable of ${nameOf(end)} is pulled already`);
    const at = await cable.pull(end);
    this.#pulled.add(end);
    return at;
  }

  async plugIn(cable: Cable, end: Port): Promise<bigint> {
    if (!this.#pulled.has(end)) throw new Error(`the cable of ${nameOf(end)} is not pulled`);
    const at = await cable.plugIn(end);
    this.#pulled.delete(end);
    return at;
  }

  async linkDown(port: Port): Promise<bigint> {
    // Set down several times without a reconfiguration: what was lost at first must not be forgotten.
    this.#beforeLinkDown.add(port, await readConfig(port.host, port.interface));
    return port.host.configure(['link', 'set', 'dev', port.interface, 'down']);
  }

  linkUp(port: Port): Promise<bigint> {
    return port.host.configure(['link', 'set', 'dev', port.interface, 'up']);
  }

  async reconfigure(port: Port): Promise<bigint> {
    return this.#beforeLinkDown.putBack(port, (config) => port.host.configure(...putBack(port.interface, config)));
  }

  async removeAddress(port: Port, families = FAMILIES): Promise<bigint> {
    const config = await readConfig(port.host, port.interface);
    const addresses = config.addresses.filter(([address]) => families.includes(familyOf(address)));
    if (addresses.length === 0) throw new Error(`${nameOf(port)} has no address to remove`);
    const routes = config.routes.filter(([destination]) => families.includes(familyOf(destination)));
    this.#addressless.add(port, { addresses, routes });
    return port.host.configure(...addresses.map(([address]) => ['address', 'del', address, 'dev', port.interface]));
  }

  async restoreAddress(port: Port): Promise<bigint> {
    return this.#addressless.putBack(port, (config) => port.host.configure(...putBack(port.interface, config)));
  }

  async removeDefaultRoute(host: Host, families: readonly Family[] = FAMILIES): Promise<bigint> {
    const routes = await readDefaultRoutes(host, families);
    if (routes.length === 0) throw new Error(`${host.name} has no default route to remove`);
    this.#routeless.add(host, { addresses: [], routes });
    return host.configure(...routes.map((route) => ['route', 'del', ...route]));
  }

  async restoreDefaultRoute(host: Host): Promise<bigint> {
    return this.#routeless.putBack(host, ({ routes }) => host.configure(...putBackRoutes(routes)));
  }

  async setForwarding(host: Host, forwarding: 'on' | 'off'): Promise<bigint> {
    const value = forwarding === 'on' ? 1 : 0;
    const at = await host.sysctl('net.ipv4.conf.all.forwarding', value);
    await host.sysctl('net.ipv6.conf.all.forwarding', value);
    return at;
  }

  async dropAll(host: Host): Promise<bigint> {
    return nft(host, DROP_ALL);
  }

  async allow(host: Host): Promise<bigint> {
    return nft(host, `delete table inet ${TABLE}`);
  }
}

/** What faults have taken away, by what they were done to, until it is there again. */
class Losses<Place> {
  readonly #lost = new Map<Place, InterfaceConfig>();

  constructor(readonly describeNothing: (place: Place) => string) {}

  add(place: Place, { addresses, routes }: InterfaceConfig): void {
    const earlier = this.#lost.get(place) ?? { addresses: [], routes: [] };
    this.#lost.set(place, {
      addresses: [...earlier.addresses, ...addresses],
      routes: [...earlier.routes, ...routes],
    });
  }

  async putBack(place: Place, restore: (lost: InterfaceConfig) => Promise<bigint>): Promise<bigint> {
    const lost = this.#lost.get(place);
    if (lost === undefined) throw new Error(`there is nothing to put back: ${this.describeNothing(place)}`);
    const at = await restore(lost);
    this.#lost.delete(place);
    return at;
  }
}

const TABLE = 'lab_drop';

/** One transaction. `create` fails where the table is there already. */
const DROP_ALL = `
create table inet ${TABLE}
${['input', 'output', 'forward'].map(dropping).join('')}
add rule inet ${TABLE} input iif lo accept
add rule inet ${TABLE} output oif lo accept
`;

function dropping(hook: string): string {
  return `add chain inet ${TABLE} ${hook} { type filter hook ${hook} priority 0; policy drop; }\n`;
}

async function nft(host: Host, rules: string): Promise<bigint> {
  const support = await labSupport();
  if (support.available && !support.nft.available) throw new LabUnavailableError(support.nft.reason);
  const at = process.hrtime.bigint();
  await host.exec('nft', ['-f', '-'], { input: rules });
  return at;
}

function familyOf(address: string): Family {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function nameOf({ host, interface: name }: Port): string {
  return `${host.name} ${name}`;
}
