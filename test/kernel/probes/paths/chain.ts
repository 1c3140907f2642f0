import type { Host, HostAddresses, Lab } from '../../../lab/index.js';

/** A client, routers in a row, and a server, by IPv4 and IPv6. */
export interface Chain {
  readonly client: Host;
  readonly routers: readonly Host[];
  readonly server: Host;
  /** What each hop says of itself, in the order of the way; the server is the last. */
  readonly hops: readonly HostAddresses[];
}

/** Joins two hosts by a cable, each end with its addresses. */
export type Join = (
  near: Host,
  far: Host,
  addresses: readonly [readonly string[], readonly string[]],
) => Promise<unknown>;

/**
 * Each router has eth0 towards the client and eth1 towards the server, and answers whatever it is asked, without the kernel's limit of one
 * ICMP error a second.
 *
 * @param join what the cables are. By default veth pairs.
 */
export async function chainOf(
  lab: Lab,
  length: number,
  join: Join = (near, far, addresses) => lab.link(near, far, { addresses }),
): Promise<Chain> {
  const names = Array.from({ length }, (_, index) => `r${index + 1}`);
  const [client, server, ...routers] = await Promise.all([
    lab.host('client'),
    lab.host('server'),
    ...names.map((name) => lab.router(name)),
  ]);
  const way = [client, ...routers, server];
  for (const [index, host] of way.entries()) {
    const next = way[index + 1];
    await answerAll(host);
    if (next !== undefined) await join(host, next, [ends(index, 1), ends(index, 2)]);
  }
  await Promise.all(way.map((host, index) => addRoutes(host, index, length)));
  return { client, routers, server, hops: routers.concat(server).map((_, index) => addressesOf(index, 2)) };
}

/**
 * By default, the kernel sends fifty ICMP errors at once and then a thousand a second; to the same host six, and then one a second. The masks
 * say which types of messages are limited; of IPv6, 0 is none.
 */
export async function answerAll(host: Host): Promise<void> {
  await host.sysctl('net.ipv4.icmp_ratemask', 0);
  await host.sysctl('net.ipv6.icmp.ratemask', 0);
}

/** The kernel's default for IPv4: destination unreachable, source quench, time exceeded, parameter problem. */
export async function answerSome(host: Host): Promise<void> {
  await host.sysctl('net.ipv4.icmp_ratemask', 6_168);
}

/** Towards the server by default, and back to the client. */
async function addRoutes(host: Host, index: number, length: number): Promise<void> {
  const next = addressesOf(index, 2);
  const back = addressesOf(index - 1, 1);
  const isServer = index === length + 1;
  const onwards = isServer ? back : next;
  await host.defaultRoute(onwards.ipv4);
  await host.defaultRoute(onwards.ipv6);
  if (isServer || index < 2) return;
  await host.configure(['route', 'add', '192.0.2.0/24', 'via', back.ipv4]);
  await host.configure(['route', 'add', '2001:db8:0:1::/64', 'via', back.ipv6]);
}

/** The cable with a number, and which of its two ends. */
function addressesOf(cable: number, end: 1 | 2): HostAddresses {
  const ipv4 = cable === 0 ? `192.0.2.${end}` : `198.51.100.${4 * cable + end}`;
  return { ipv4, ipv6: `2001:db8:0:${(cable + 1).toString(16)}::${end}` };
}

function ends(cable: number, end: 1 | 2): readonly string[] {
  const { ipv4, ipv6 } = addressesOf(cable, end);
  return [`${ipv4}/${cable === 0 ? 24 : 30}`, `${ipv6}/64`];
}
