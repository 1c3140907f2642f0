import type { Host } from './host.js';
import type { Lab } from './lab.js';
import type { LinkOptions } from './lab-options.js';

/** The addresses of a host, without prefix lengths. */
export interface HostAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface ClientRouterServer {
  readonly client: Host;
  readonly router: Host;
  readonly server: Host;
  /** What the client has, what the router has towards the client, and what the server has. */
  readonly addresses: Readonly<Record<'client' | 'router' | 'server', HostAddresses>>;
}

/**
 * Client – router – server, by IPv4 and IPv6: the smallest network in which the path can break behind the next hop. The client's uplink is
 * its eth0; the router has eth0 towards the client and eth1 towards the server.
 *
 * @param options of the client's cable; the server's is a veth pair without a limit.
 */
export async function clientRouterServer(
  lab: Lab,
  options: Pick<LinkOptions, 'kind' | 'rate'> = {},
): Promise<ClientRouterServer> {
  const [client, router, server] = await Promise.all([lab.host('client'), lab.router('router'), lab.host('server')]);
  await lab.link(client, router, {
    ...options,
    addresses: [
      ['192.0.2.2/24', '2001:db8:1::2/64'],
      ['192.0.2.1/24', '2001:db8:1::1/64'],
    ],
  });
  await lab.link(router, server, {
    addresses: [
      ['198.51.100.1/24', '2001:db8:2::1/64'],
      ['198.51.100.2/24', '2001:db8:2::2/64'],
    ],
  });
  await client.defaultRoute('192.0.2.1');
  await client.defaultRoute('2001:db8:1::1');
  await server.defaultRoute('198.51.100.1');
  await server.defaultRoute('2001:db8:2::1');
  return {
    client,
    router,
    server,
    addresses: {
      client: { ipv4: '192.0.2.2', ipv6: '2001:db8:1::2' },
      router: { ipv4: '192.0.2.1', ipv6: '2001:db8:1::1' },
      server: { ipv4: '198.51.100.2', ipv6: '2001:db8:2::2' },
    },
  };
}
