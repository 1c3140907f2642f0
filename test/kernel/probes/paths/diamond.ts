import type { Host, HostAddresses, Lab } from '../../../lab/index.js';
import { answerAll } from './chain.js';

/** client – r1 – (a1 – a2 | b1 – b2) – r4 – server: two ways of the same length, of which r1 takes one for each flow. */
export interface Diamond {
  readonly client: Host;
  readonly server: Host;
  readonly target: HostAddresses;
  /** Sends all IPv4 by one branch, or by both again. */
  useBranches(which: 0 | 1 | 'both'): Promise<void>;
  /** Who answers in each of the two branches, in the order of the way. */
  readonly branches: Readonly<Record<'ipv4' | 'ipv6', readonly [readonly string[], readonly string[]]>>;
}

const CABLES = [
  ['client', 'r1'],
  ['r1', 'a1'],
  ['a1', 'a2'],
  ['a2', 'r4'],
  ['r1', 'b1'],
  ['b1', 'b2'],
  ['b2', 'r4'],
  ['r4', 'server'],
] as const;

type Name = (typeof CABLES)[number][number];

/** Ports count for the hash of load balancing (net.ipv4.fib_multipath_hash_policy), as they do in most routers. */
export async function diamondOf(lab: Lab): Promise<Diamond> {
  const hosts = new Map<Name, Host>();
  for (const name of new Set(CABLES.flat())) {
    const host = await (name === 'client' || name === 'server' ? lab.host(name) : lab.router(name));
    await answerAll(host);
    hosts.set(name, host);
  }
  const at = (name: Name): Host => {
    const host = hosts.get(name);
    if (host === undefined) throw new Error(`there is no ${name}`);
    return host;
  };
  for (const [number, [from, to]] of CABLES.entries()) {
    // A veth pair would hand over, beside the packet, the number by which this kernel knows the sending socket, and r1 would go by that
    // (`skb->l4_hash` in fib_multipath_hash, net/ipv4/route.c). What comes by a network card has none.
    const kind = from === 'client' ? 'tap' : 'veth';
    await lab.link(at(from), at(to), { kind, addresses: [ends(number, 1), ends(number, 2)] });
  }
  await addRoutes(at);
  const branch = (family: 'ipv4' | 'ipv6', ...cables: readonly number[]) =>
    cables.map((number) => address(number, 2)[family]);
  return {
    client: at('client'),
    server: at('server'),
    target: address(7, 2),
    useBranches: async (which) => {
      const hops = BRANCHES.filter((_, index) => which === 'both' || which === index);
      const onwards = hops.flatMap((cable) => ['nexthop', 'via', address(cable, 2).ipv4]);
      await at('r1').configure(['route', 'replace', '0.0.0.0/0', ...onwards]);
    },
    branches: {
      ipv4: [branch('ipv4', 1, 2), branch('ipv4', 4, 5)],
      ipv6: [branch('ipv6', 1, 2), branch('ipv6', 4, 5)],
    },
  };
}

async function addRoutes(at: (name: Name) => Host): Promise<void> {
  const r1 = at('r1');
  await r1.sysctl('net.ipv4.fib_multipath_hash_policy', 1);
  await r1.sysctl('net.ipv6.fib_multipath_hash_policy', 1);
  for (const family of ['ipv4', 'ipv6'] as const) {
    const network = family === 'ipv4' ? '198.51.100.0/30' : '2001:db8:0:1::/64';
    const via = (number: number, end: 1 | 2): readonly string[] => ['via', address(number, end)[family]];
    const hops = BRANCHES.flatMap((cable) => ['nexthop', ...via(cable, 2)]);
    await r1.configure(['route', 'add', family === 'ipv6' ? '::/0' : '0.0.0.0/0', ...hops]);
    for (const [name, onwards, back] of ROUTES) {
      if (onwards !== undefined) await at(name).configure(['route', 'add', 'default', ...via(onwards, 2)]);
      if (back !== undefined) await at(name).configure(['route', 'add', network, ...via(back, 1)]);
    }
    await at('server').configure(['route', 'add', 'default', ...via(7, 1)]);
  }
}

/** The cables by which they begin. */
const BRANCHES = [1, 4] as const;

/** By which cable each goes on, and back. */
const ROUTES: readonly (readonly [Name, number | undefined, number | undefined])[] = [
  ['client', 0, undefined],
  ['a1', 2, 1],
  ['a2', 3, 2],
  ['b1', 5, 4],
  ['b2', 6, 5],
  ['r4', 7, 3],
];

function address(cable: number, end: 1 | 2): HostAddresses {
  return { ipv4: `198.51.100.${4 * cable + end}`, ipv6: `2001:db8:0:${cable + 1}::${end}` };
}

function ends(cable: number, end: 1 | 2): readonly string[] {
  const { ipv4, ipv6 } = address(cable, end);
  return [`${ipv4}/30`, `${ipv6}/64`];
}
