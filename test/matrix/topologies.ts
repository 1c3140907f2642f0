import { type CableKind, clientRouterServer, type Host, type Lab } from '../lab/index.js';
import type { LabNeed } from './scenario.js';

/** A network that scenarios are played on. */
export interface Topology {
  readonly name: string;
  readonly needs?: readonly LabNeed[];
  build(lab: Lab): Promise<Scenery>;
}

/** The network as it stands. */
export interface Scenery {
  readonly client: Host;
  readonly server: Host;
  /** The hosts in between, by name; first the one at the client's eth0. */
  readonly routers: Readonly<Record<string, Host>>;
  /** Where the work goes. */
  readonly destination: string;
  readonly checkHosts: readonly string[];
}

/** What the server has on its loopback, and everybody routes to it. */
export const SERVICE = '203.0.113.10';
export const CHECK_HOSTS = ['203.0.113.53', '203.0.113.54'] as const;
export const SERVICE6 = '2001:db8:53::10';
export const CHECK_HOSTS6 = ['2001:db8:53::53', '2001:db8:53::54'] as const;
/** Where nothing but scenarios of many destinations goes. */
export const MORE_SERVICES = ['11', '12', '13', '14', '15', '16', '17'].map((last) => `203.0.113.${last}`);

/** Client – router – server, by IPv4 and IPv6. */
function uplink(kind: CableKind): Topology {
  return {
    name: `client – router – server (${kind})`,
    needs: kind === 'tap' ? ['tap'] : [],
    async build(lab) {
      const { client, router, server } = await clientRouterServer(lab, { kind });
      await offerServices(server);
      await router.configure(
        ['route', 'add', '203.0.113.0/24', 'via', '198.51.100.2'],
        ['route', 'add', '2001:db8:53::/64', 'via', '2001:db8:2::2'],
      );
      return scenery(client, server, { router });
    },
  };
}

export const veth = uplink('veth');
export const tap = uplink('tap');

/** The client has IPv6 and nothing else. */
export const uplink6: Topology = {
  name: 'client – router – server (IPv6 only)',
  async build(lab) {
    const [client, router, server] = await Promise.all([lab.host('client'), lab.router('router'), lab.host('server')]);
    await lab.link(client, router, { addresses: ['2001:db8:1::2/64', '2001:db8:1::1/64'] });
    await lab.link(router, server, { addresses: ['2001:db8:2::1/64', '2001:db8:2::2/64'] });
    await client.defaultRoute('2001:db8:1::1');
    await server.defaultRoute('2001:db8:2::1');
    await offerServices(server);
    await router.configure(['route', 'add', '2001:db8:53::/64', 'via', '2001:db8:2::2']);
    return { ...scenery(client, server, { router }), destination: SERVICE6, checkHosts: CHECK_HOSTS6 };
  },
};

/** Two ways out, of which `a` is preferred by its metric. */
function twoUplinks(kind: CableKind): Topology {
  return {
    name: `client – two routers – server (${kind})`,
    needs: kind === 'tap' ? ['tap'] : [],
    async build(lab) {
      const [client, a, b, server] = await Promise.all([
        lab.host('client'),
        lab.router('a'),
        lab.router('b'),
        lab.host('server'),
      ]);
      await lab.link(client, a, { kind, addresses: ['192.0.2.2/26', '192.0.2.1/26'] });
      await lab.link(client, b, { kind, addresses: ['192.0.2.66/26', '192.0.2.65/26'] });
      await lab.link(a, server, { addresses: ['198.51.100.1/26', '198.51.100.2/26'] });
      await lab.link(b, server, { addresses: ['198.51.100.65/26', '198.51.100.66/26'] });
      await client.configure(
        ['route', 'add', 'default', 'via', '192.0.2.1', 'metric', '100'],
        ['route', 'add', 'default', 'via', '192.0.2.65', 'metric', '200'],
      );
      await server.configure(
        ['route', 'add', '192.0.2.0/26', 'via', '198.51.100.1'],
        ['route', 'add', '192.0.2.64/26', 'via', '198.51.100.65'],
      );
      await offerServices(server);
      await a.configure(['route', 'add', '203.0.113.0/24', 'via', '198.51.100.2']);
      await b.configure(['route', 'add', '203.0.113.0/24', 'via', '198.51.100.66']);
      return scenery(client, server, { a, b });
    },
  };
}

export const twoVeths = twoUplinks('veth');
export const twoTaps = twoUplinks('tap');

/** One cable and no default route. */
export const onLink: Topology = {
  name: 'client – server on one link',
  async build(lab) {
    const [client, server] = await Promise.all([lab.host('client'), lab.host('server')]);
    await lab.link(client, server, {
      addresses: ['192.0.2.2/24', ['192.0.2.10/24', '192.0.2.53/24', '192.0.2.54/24']],
    });
    return { client, server, routers: {}, destination: '192.0.2.10', checkHosts: ['192.0.2.53', '192.0.2.54'] };
  },
};

/** A host with a loopback interface and nothing else; its server is itself. */
export const loopbackOnly: Topology = {
  name: 'a namespace with loopback alone',
  async build(lab) {
    const client = await lab.host('client');
    return { client, server: client, routers: {}, destination: '127.0.0.1', checkHosts: [] };
  },
};

/** The client's address is on a macvlan over eth0. */
export const macvlan: Topology = {
  name: 'client with a macvlan – router – server',
  build: (lab) =>
    overlaid(lab, (client) =>
      client.configure(
        ['link', 'add', 'link', 'eth0', 'name', 'mv0', 'type', 'macvlan', 'mode', 'bridge'],
        ['link', 'set', 'dev', 'mv0', 'up'],
        ['address', 'add', '192.0.2.2/24', 'dev', 'mv0'],
        ['route', 'add', 'default', 'via', '192.0.2.1'],
      ),
    ),
};

/** The client's address is on a bridge, of which eth0 is the only port. */
export const bridge: Topology = {
  name: 'client with a bridge – router – server',
  build: (lab) =>
    overlaid(lab, (client) =>
      client.configure(
        ['link', 'add', 'name', 'br0', 'type', 'bridge', 'forward_delay', '0'],
        ['link', 'set', 'dev', 'eth0', 'master', 'br0'],
        ['link', 'set', 'dev', 'br0', 'up'],
        ['address', 'add', '192.0.2.2/24', 'dev', 'br0'],
        ['route', 'add', 'default', 'via', '192.0.2.1'],
      ),
    ),
};

/** Everything goes through a VXLAN to the server; eth0 carries only the tunnel. */
export const vxlan: Topology = {
  name: 'client – VXLAN over a router – server',
  async build(lab) {
    const { client, router, server } = await clientRouterServer(lab);
    await offerServices(server);
    await Promise.all([
      joinVxlan(client, { remote: '198.51.100.2', local: '192.0.2.2', address: '203.0.113.130/25' }),
      joinVxlan(server, { remote: '192.0.2.2', local: '198.51.100.2', address: '203.0.113.129/25' }),
    ]);
    await client.configure(
      ['route', 'add', '198.51.100.2/32', 'via', '192.0.2.1'],
      ['route', 'replace', 'default', 'via', '203.0.113.129', 'dev', 'vx0'],
    );
    return scenery(client, server, { router });
  },
};

/** The same by a tunnel that a process of the client makes, as a VPN does; see `actors/tunnel.ts`. The scenarios start it. */
export const tunnel: Topology = {
  name: 'client – user-space tunnel over a router – server',
  needs: ['tap'],
  async build(lab) {
    const { client, router, server } = await clientRouterServer(lab);
    await offerServices(server);
    await client.configure(
      ['route', 'add', '198.51.100.2/32', 'via', '192.0.2.1'],
      ['route', 'del', 'default', 'via', '192.0.2.1'],
    );
    return scenery(client, server, { router });
  },
};

async function overlaid(lab: Lab, overlay: (client: Host) => Promise<bigint>): Promise<Scenery> {
  const [client, router, server] = await Promise.all([lab.host('client'), lab.router('router'), lab.host('server')]);
  await lab.link(client, router, { addresses: [[], '192.0.2.1/24'] });
  await lab.link(router, server, { addresses: ['198.51.100.1/24', '198.51.100.2/24'] });
  await overlay(client);
  await server.defaultRoute('198.51.100.1');
  await offerServices(server);
  await router.configure(['route', 'add', '203.0.113.0/24', 'via', '198.51.100.2']);
  return scenery(client, server, { router });
}

async function joinVxlan(
  host: Host,
  { remote, local, address }: { readonly remote: string; readonly local: string; readonly address: string },
): Promise<void> {
  await host.configure(
    [
      'link',
      'add',
      'name',
      'vx0',
      'type',
      'vxlan',
      'id',
      '7',
      'remote',
      remote,
      'local',
      local,
      'dstport',
      '4789',
      'dev',
      'eth0',
    ],
    ['link', 'set', 'dev', 'vx0', 'up'],
    ['address', 'add', address, 'dev', 'vx0'],
  );
}

async function offerServices(server: Host): Promise<void> {
  const addresses = [SERVICE, ...CHECK_HOSTS, ...MORE_SERVICES].map((each) => `${each}/32`);
  const addresses6 = [SERVICE6, ...CHECK_HOSTS6].map((each) => `${each}/128`);
  await server.configure(...[...addresses, ...addresses6].map((each) => ['address', 'add', each, 'dev', 'lo']));
}

function scenery(client: Host, server: Host, routers: Readonly<Record<string, Host>>): Scenery {
  return { client, server, routers, destination: SERVICE, checkHosts: CHECK_HOSTS };
}
