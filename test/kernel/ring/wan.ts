import type { CableKind, Host, Lab } from '../../lab/index.js';

/** A place with a member, behind a cable of its own. */
export interface Site {
  /** By which it is known in the ring as well: `'s1'` to `'s6'`. */
  readonly name: string;
  readonly host: Host;
  readonly ipv4: string;
  readonly ipv6: string;
  /** The router that its cable leads to, and the router's interface. */
  readonly router: Host;
  readonly routerInterface: string;
}

/** Six sites, three at each of two routers, and a third router beside them. */
export interface Wan {
  readonly sites: readonly Site[];
  /** Addresses of the three routers, which refuse what is asked of them: all of the network that is no site. */
  readonly checkHosts: readonly string[];
  /** The cable between the two halves of the sites, as an end of it. */
  readonly backbone: { readonly host: string; readonly interface: string };
  /** Drops in silence what one of each pair sends to the other, and nothing else. @returns CLOCK_MONOTONIC in nanoseconds, right before. */
  cutPairs(pairs: readonly SitePair[]): Promise<bigint>;
  mendPairs(pairs: readonly SitePair[]): Promise<bigint>;
  /** Drops in silence all that passes the cable of a site, whose link stays up. */
  silence(site: Site): Promise<bigint>;
  unsilence(site: Site): Promise<bigint>;
}

export type SitePair = readonly [Site, Site];

/**
 *     s1 s2 s3 – west – east – s4 s5 s6
 *                  \    /
 *                  north
 *
 * @param cable of the sites. A network card behaves as `'tap'`.
 */
export async function createWan(lab: Lab, cable: CableKind = 'veth'): Promise<Wan> {
  const [west, east, north] = await Promise.all([lab.router('west'), lab.router('east'), lab.router('north')]);
  const routers = [west, east, north] as const;
  await lab.link(west, east, { addresses: backboneEnds(0) });
  await lab.link(west, north, { addresses: backboneEnds(1) });
  await lab.link(east, north, { addresses: backboneEnds(2) });
  await Promise.all(
    routers.map(async (router, index) => {
      await router.configure(...beaconOf(index).map((address) => ['address', 'add', address, 'dev', 'lo']));
      await router.exec('nft', ['-f', '-'], { input: RULES });
    }),
  );
  const sites = await Promise.all(
    [west, west, west, east, east, east].map((router, index) => addSite(lab, router, index, cable)),
  );
  await addRoutes(routers, sites);
  const byPairs = (verb: 'add' | 'delete') => (pairs: readonly SitePair[]) => changePairs(verb, pairs);
  const bySilence = (verb: 'add' | 'delete') => (site: Site) =>
    nft(site.router, `${verb} element inet wan silent { "${site.routerInterface}" }\n`);
  return {
    sites,
    checkHosts: routers.flatMap((_, index) => beaconOf(index).map(withoutPrefix)),
    backbone: { host: 'west', interface: 'eth0' },
    cutPairs: byPairs('add'),
    mendPairs: byPairs('delete'),
    silence: bySilence('add'),
    unsilence: bySilence('delete'),
  };
}

async function addSite(lab: Lab, router: Host, index: number, kind: CableKind): Promise<Site> {
  const name = `s${index + 1}`;
  const host = await lab.host(name);
  // As systemd has it: everybody may send echo requests.
  await host.sysctl('net.ipv4.ping_group_range', '0 2147483647');
  const [near, far] = [siteEnd(index, 2), siteEnd(index, 1)];
  const { ends } = await lab.link(host, router, { kind, addresses: [near, far] });
  for (const gateway of far) await host.defaultRoute(withoutPrefix(gateway));
  const [ipv4 = '', ipv6 = ''] = near.map(withoutPrefix);
  return { name, host, ipv4, ipv6, router, routerInterface: ends[1].interface };
}

/** Each of the three knows what is behind the two others. */
async function addRoutes([west, east, north]: readonly [Host, Host, Host], sites: readonly Site[]): Promise<void> {
  const networksAt = (router: Host) =>
    sites.flatMap((site, index) => (site.router === router ? siteEnd(index, 1).map(networkOf) : []));
  const route = (router: Host, networks: readonly string[], via: readonly string[]) =>
    router.configure(
      ...networks.map((network) => ['route', 'add', network, 'via', via[network.includes(':') ? 1 : 0] ?? '']),
    );
  const end = (cable: number, which: 0 | 1) => backboneEnds(cable)[which].map(withoutPrefix);
  await Promise.all([
    route(west, [...networksAt(east), ...beaconOf(1)], end(0, 1)),
    route(west, beaconOf(2), end(1, 1)),
    route(east, [...networksAt(west), ...beaconOf(0)], end(0, 0)),
    route(east, beaconOf(2), end(2, 1)),
    route(north, [...networksAt(west), ...beaconOf(0)], end(1, 0)),
    route(north, [...networksAt(east), ...beaconOf(1)], end(2, 0)),
  ]);
}

async function changePairs(verb: 'add' | 'delete', pairs: readonly SitePair[]): Promise<bigint> {
  const directed = pairs.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]);
  const byRouter = new Map<Host, string>();
  for (const [from, to] of directed) {
    const change = (set: string, a: string, b: string) => `${verb} element inet wan ${set} { ${a} . ${b} }\n`;
    const changes = change('pairs4', from.ipv4, to.ipv4) + change('pairs6', from.ipv6, to.ipv6);
    byRouter.set(from.router, (byRouter.get(from.router) ?? '') + changes);
  }
  const times = await Promise.all([...byRouter].map(([router, changes]) => nft(router, changes)));
  return times.sort((a, b) => (a < b ? -1 : 1))[0] ?? 0n;
}

async function nft(router: Host, input: string): Promise<bigint> {
  const at = process.hrtime.bigint();
  await router.exec('nft', ['-f', '-'], { input });
  return at;
}

const RULES = `
table inet wan {
  set pairs4 { type ipv4_addr . ipv4_addr; }
  set pairs6 { type ipv6_addr . ipv6_addr; }
  set silent { type ifname; }
  chain in {
    type filter hook prerouting priority -300;
    iifname @silent drop
    ip saddr . ip daddr @pairs4 drop
    ip6 saddr . ip6 daddr @pairs6 drop
  }
  chain out {
    type filter hook postrouting priority 300;
    oifname @silent drop
  }
}
`;

function siteEnd(index: number, end: 1 | 2): readonly string[] {
  return [`192.0.2.${4 * index + end}/30`, `2001:db8:0:${index + 1}::${end}/64`];
}

function backboneEnds(cable: number): readonly [readonly string[], readonly string[]] {
  const end = (which: 1 | 2) => [`198.51.100.${4 * cable + which}/30`, `2001:db8:1:${cable + 1}::${which}/64`];
  return [end(1), end(2)];
}

function beaconOf(router: number): readonly string[] {
  return [`203.0.113.${router + 1}/32`, `2001:db8:2::${router + 1}/128`];
}

function withoutPrefix(address: string): string {
  return address.replace(/\/.*$/, '');
}

/** The network that the router's end is the first address of. */
function networkOf(address: string): string {
  return address.replace(/(\d+)\/30$/, (_, last) => `${Number(last) - 1}/30`).replace('::1/64', '::/64');
}
