import type { Host, IpRecord } from './host.js';
import type { IpCommand } from './ip-session.js';

/** An address as `ip address` takes it: `['192.0.2.2/24', 'scope', 'global']`. */
export type AddressWords = readonly [address: string, ...options: string[]];

/** A route as `ip route` takes it: `['0.0.0.0/0', 'via', '192.0.2.1', 'dev', 'eth0', 'metric', '100']`. */
export type RouteWords = readonly [destination: string, ...options: string[]];

/** What an administrator has given to an interface, and what faults take away with it. */
export interface InterfaceConfig {
  readonly addresses: readonly AddressWords[];
  readonly routes: readonly RouteWords[];
}

export type Family = 'IPv4' | 'IPv6';
export const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

/** Reads what would have to be put back. Link-local addresses and the routes of addresses are left out: the kernel makes those itself. */
export async function readConfig(host: Host, interfaceName: string): Promise<InterfaceConfig> {
  const [links, routes] = await Promise.all([host.ip('address', 'show', 'dev', interfaceName), readRoutes(host)]);
  return {
    addresses: addressesOf(links),
    routes: routes.filter((route) => optionOf(route, 'dev') === interfaceName),
  };
}

/** The default routes of a host. */
export async function readDefaultRoutes(host: Host, families: readonly Family[]): Promise<readonly RouteWords[]> {
  const defaults: readonly string[] = families.map((family) => DEFAULT_DESTINATION[family]);
  return (await readRoutes(host)).filter(([destination]) => defaults.includes(destination));
}

/** The commands that bring a configuration back, whatever of it is still there. */
export function putBack(interfaceName: string, { addresses, routes }: InterfaceConfig): readonly IpCommand[] {
  return [
    ...addresses.map((address) => ['address', 'replace', ...address, 'dev', interfaceName]),
    ...putBackRoutes(routes),
  ];
}

/** The commands that bring routes back: first those that the gateways of others are reached by. */
export function putBackRoutes(routes: readonly RouteWords[]): readonly IpCommand[] {
  const [onLink, byGateway] = [routes.filter((route) => !hasGateway(route)), routes.filter(hasGateway)];
  return [...onLink, ...byGateway].map((route) => ['route', 'replace', ...route]);
}

/** The addresses in the output of `ip -json address show dev …`. */
export function addressesOf(links: readonly IpRecord[]): readonly AddressWords[] {
  return links
    .flatMap(({ addr_info: addresses }): readonly unknown[] => (Array.isArray(addresses) ? addresses : []))
    .filter(isAddressRecord)
    .filter(({ scope }) => scope !== 'link')
    .map(({ local, prefixlen, scope, broadcast, family }) => [
      `${local}/${prefixlen}`,
      'scope',
      scope,
      ...(broadcast === undefined ? [] : ['broadcast', broadcast]),
      // It was checked for duplicates when it first came.
      ...(family === 'inet6' ? ['nodad'] : []),
    ]);
}

/**
 * The routes in the output of `ip -oneline route show`, which ip(8) takes as its input again, but for words that tell a state.
 *
 * @throws {Error} for a route of several next hops, which this lab does not make.
 */
export function routesOf(text: string, family: Family): readonly RouteWords[] {
  return text
    .split('\n')
    .map((line) => line.split(/\s+/).filter((word) => word !== '' && !STATES.has(word)))
    .flatMap(([destination, ...options]): readonly RouteWords[] => {
      if (options.includes('nexthop')) throw new Error(`${SEVERAL_NEXT_HOPS}: ${options.join(' ')}`);
      if (destination === undefined) return [];
      return [[destination === 'default' ? DEFAULT_DESTINATION[family] : destination, ...options]];
    })
    .filter((route) => optionOf(route, 'proto') !== 'kernel');
}

const SEVERAL_NEXT_HOPS = 'a route of several next hops cannot be put back';

/** ip infers the family from an address; the word `default` has none. */
const DEFAULT_DESTINATION: Readonly<Record<Family, string>> = { IPv4: '0.0.0.0/0', IPv6: '::/0' };

/** Words of a route that the kernel says and nobody can set. */
const STATES: ReadonlySet<string> = new Set(['linkdown', 'dead', 'offload', 'trap', 'rt_offload', 'rt_trap']);

async function readRoutes(host: Host): Promise<readonly RouteWords[]> {
  const read = async (family: Family, option: string) => {
    const { stdout } = await host.exec('ip', [option, '-oneline', 'route', 'show']);
    return routesOf(stdout, family);
  };
  return (await Promise.all([read('IPv4', '-4'), read('IPv6', '-6')])).flat();
}

function optionOf(route: RouteWords, option: string): string | undefined {
  const index = route.indexOf(option);
  return index === -1 ? undefined : route[index + 1];
}

function hasGateway(route: RouteWords): boolean {
  return route.includes('via');
}

interface AddressRecord {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly broadcast?: string;
}

function isAddressRecord(record: unknown): record is AddressRecord {
  if (typeof record !== 'object' || record === null) return false;
  const isText = (name: string) => typeof Object.getOwnPropertyDescriptor(record, name)?.value === 'string';
  return (
    'prefixlen' in record &&
    ['family', 'local', 'scope'].every(isText) &&
    (!('broadcast' in record) || isText('broadcast'))
  );
}
