import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../lab/bounded.js';
import { describeInLab } from '../lab/describe-in-lab.js';
import { type Actor, clientRouterServer, createLab, type Host, type Lab } from '../lab/index.js';
import type { EchoServer } from './actors/echo-server.js';
import type { MonitorActor } from './actors/monitor-actor.js';
import type { RouteActor } from './actors/route-actor.js';

/** Routes of a full table: `10.0.0.0/24`, `10.0.1.0/24` … */
const churn = (count: number, gateway: string) => {
  const prefixes = Array.from({ length: count }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
  return [
    ...prefixes.map((prefix) => ['route', 'add', prefix, 'via', gateway]),
    ...prefixes.map((prefix) => ['route', 'del', prefix, 'via', gateway]),
  ];
};

describeInLab('the socket filter for routes', [], () => {
  let lab: Lab;
  let host: Host;

  beforeAll(async () => {
    lab = await createLab();
    host = await lab.host('host');
    const peer = await lab.host('peer');
    await lab.link(host, peer, { addresses: [['192.0.2.2/24', '2001:db8::2/64'], '192.0.2.1/24'] });
    await host.configure(['link', 'add', 'name', 'mark0', 'type', 'bridge']);
  });
  afterAll(() => lab?.dispose());

  let mark = 1_280;
  /** Makes a change that every socket hears of, and waits until the actor has: what was done before, it has heard or never will. */
  const caughtUp = async (actor: Actor<RouteActor>): Promise<void> => {
    mark += 1;
    await host.configure(['link', 'set', 'dev', 'mark0', 'mtu', `${mark}`]);
    await actor.event('link', ({ name, mtu }) => name === 'mark0' && mtu === mark);
  };

  describe('on the table of rtnetlink', () => {
    const WATCHED = ['203.0.113.7', '2001:db8:7::7'];
    let actor: Actor<RouteActor>;

    beforeEach(async () => {
      actor = await host.spawn<RouteActor>(new URL('./actors/route-actor.ts', import.meta.url));
      await actor.call('open');
    });
    afterEach(() => actor?.stop());

    /** How many times somebody was woken for these changes of routes. */
    const wakeUps = async (...commands: readonly (readonly string[])[]): Promise<number> => {
      await caughtUp(actor);
      const before = await actor.call('routesTold');
      await host.configure(...commands);
      await caughtUp(actor);
      return (await actor.call('routesTold')) - before;
    };
    const addAndDelete = (prefix: string, via: string) =>
      wakeUps(['route', 'add', prefix, 'via', via], ['route', 'del', prefix, 'via', via]);
    const watch = async (destinations: readonly string[]): Promise<void> => {
      await actor.call('watch', destinations);
      await until(
        async () => (await addAndDelete('10.99.0.0/24', '192.0.2.1')) === 0,
        () => 'the filter to be attached',
      );
    };

    it('wakes nobody for 10,000 routes that cover no watched destination, which come and go', async () => {
      await watch(WATCHED);
      expect(await wakeUps(...churn(10_000, '192.0.2.1'))).toBe(0);
      expect(actor.events('error')).toEqual([]);
    });

    it('is not there unless destinations were named', async () => {
      expect(await wakeUps(...churn(100, '192.0.2.1'))).toBe(200);
    });

    it.each([
      ['a host route', '203.0.113.7/32', '192.0.2.1'],
      ['its network', '203.0.113.0/24', '192.0.2.1'],
      ['a short prefix', '192.0.0.0/4', '192.0.2.1'],
      ['the default route', '0.0.0.0/0', '192.0.2.1'],
      ['an IPv6 host route', '2001:db8:7::7/128', '2001:db8::1'],
      ['an IPv6 network', '2001:db8:7::/48', '2001:db8::1'],
      ['the IPv6 default route', '::/0', '2001:db8::1'],
    ])('lets %s to a watched destination through, as it comes and as it goes', async (_, prefix, via) => {
      await watch(WATCHED);
      expect(await addAndDelete(prefix, via)).toBe(2);
    });

    it.each([
      ['an IPv6 network', '2001:db8:8::/48', '2001:db8::1'],
      ['an IPv6 host route', '2001:db8:7::8/128', '2001:db8::1'],
      ['a host route', '203.0.113.8/32', '192.0.2.1'],
    ])('holds %s to another destination back', async (_, prefix, via) => {
      await watch(WATCHED);
      expect(await addAndDelete(prefix, via)).toBe(0);
    });

    it('lets routes that go nowhere, several ways or by a nexthop object through as well, and changes of rules', async () => {
      await watch(WATCHED);
      expect(
        await wakeUps(
          ['route', 'add', 'unreachable', '203.0.113.0/24'],
          ['route', 'del', 'unreachable', '203.0.113.0/24'],
          ['route', 'add', '203.0.113.0/24', 'nexthop', 'via', '192.0.2.1', 'nexthop', 'via', '192.0.2.3'],
          ['route', 'del', '203.0.113.0/24'],
          ['nexthop', 'add', 'id', '7', 'via', '192.0.2.1', 'dev', 'eth0'],
          ['route', 'add', '203.0.113.0/24', 'nhid', '7'],
          ['route', 'del', '203.0.113.0/24'],
          ['nexthop', 'del', 'id', '7'],
          ['rule', 'add', 'fwmark', '7', 'table', '100'],
          ['rule', 'del', 'fwmark', '7', 'table', '100'],
        ),
      ).toBe(10);
    });

    it('changes with the destinations, has everything judged anew for one that is new, and for no other', async () => {
      await watch(WATCHED);
      const before = await actor.call('routesTold');
      await actor.call('watch', [...WATCHED, '198.51.100.7']);
      expect((await actor.call('routesTold')) - before).toBe(1);
      // From this moment on, without waiting for the next filter.
      expect(await addAndDelete('198.51.100.0/24', '192.0.2.1')).toBe(2);
      await watch([...WATCHED, '198.51.100.7']);
      expect(await addAndDelete('198.51.100.0/24', '192.0.2.1')).toBe(2);
      expect(await addAndDelete('203.0.113.0/24', '192.0.2.1')).toBe(2);
      const settled = await actor.call('routesTold');
      await actor.call('watch', ['198.51.100.7']);
      expect(await actor.call('routesTold')).toBe(settled);
      await actor.call('watch', 'all');
      expect(await wakeUps(...churn(10, '192.0.2.1'))).toBe(20);
    });

    it('is taken by the kernel for as many destinations as are promised', async () => {
      // No two of them have their first 32 bits in common: the longest program.
      await watch(Array.from({ length: 100 }, (_, index) => `2${(index + 256).toString(16)}:ffff:ffff:ffff:ffff::1`));
      expect(await addAndDelete('2100:ffff:ffff::/48', '2001:db8::1')).toBe(2);
      expect(await addAndDelete('2200:ffff:ffff::/48', '2001:db8::1')).toBe(0);
    });
  });

  describe('on a bare socket', () => {
    let actor: Actor<RouteActor>;

    beforeAll(async () => {
      actor = await host.spawn<RouteActor>(new URL('./actors/route-actor.ts', import.meta.url));
      await actor.call('openSocket');
    });
    afterAll(() => actor?.stop());

    it('drops what the program drops, until it is taken off', async () => {
      expect(await actor.call('attach', 'drop everything')).toBe('attached');
      await host.configure(['link', 'add', 'name', 'unheard0', 'type', 'bridge']);
      await actor.call('detach');
      await caughtUp(actor);
      expect(actor.events('link').filter(({ detail }) => detail.name === 'unheard0')).toEqual([]);
      await actor.call('detach');
    });

    it('is refused with a typed error where it is no program, and the one before stays', async () => {
      expect(await actor.call('attach', 'keep everything')).toBe('attached');
      expect(await actor.call('attach', 'no program')).toBe('setsockopt EINVAL');
      await caughtUp(actor);
    });

    it('does nothing to whoever has the descriptor after the socket is closed', async () => {
      await actor.call('closeSocket');
      expect(await actor.call('attach', 'no program')).toBe('attached');
      await actor.call('detach');
    });
  });
});

describeInLab('a monitor amid the churn of a full table', [], () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab();
  });
  afterAll(() => lab?.dispose());

  it('sees its default route vanish and come back', async () => {
    const { client, server, addresses } = await clientRouterServer(lab);
    const echo = await server.spawn<EchoServer>(new URL('./actors/echo-server.ts', import.meta.url));
    await echo.call('listen', 7000);
    const monitor = await client.spawn<MonitorActor>(new URL('./actors/monitor-actor.ts', import.meta.url));
    // No round of checks comes by chance while the test runs: what is seen, the kernel has told.
    await monitor.call('start', { checkHosts: [addresses.server.ipv4], checkPorts: [7000], checkInterval: 600_000 });
    await monitor.event('state', ({ to }) => to === 'up');

    let over = false;
    let rounds = 0;
    const churning = (async () => {
      while (!over) {
        await client.configure(...churn(500, addresses.router.ipv4));
        rounds += 1;
      }
    })();
    try {
      // By another ip(8), because that one is busy.
      await client.exec('ip', ['route', 'del', 'default']);
      await monitor.event('state', ({ to, reason }) => to === 'down' && reason === 'no-route');
      const then = rounds;
      await until(
        () => rounds > then,
        () => 'the churn to go on',
      );
      await client.exec('ip', ['route', 'add', 'default', 'via', addresses.router.ipv4]);
      await monitor.event('state', ({ to }) => to === 'up');
    } finally {
      over = true;
      await churning;
    }
    expect(monitor.events('error')).toEqual([]);
    expect(monitor.events('state').map(({ detail }) => detail.to)).toEqual(['up', 'down', 'up']);
    await monitor.stop();
  });
});
