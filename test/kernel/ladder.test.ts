import { isBuiltin } from 'node:module';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { NetworkMonitorOptions } from '../../src/monitor/index.js';
import { describeInLab } from '../lab/describe-in-lab.js';
import {
  type Actor,
  type ClientRouterServer,
  clientRouterServer,
  createLab,
  type Host,
  type Lab,
  type SpawnOptions,
} from '../lab/index.js';
import { installToolbox, NODE_RELEASES, type NodeRelease, nodePath } from '../package/toolbox.js';
import type { EchoServer } from './actors/echo-server.js';
import type { MonitorActor } from './actors/monitor-actor.js';

const PORT = 7000;
const MONITOR = new URL('./actors/monitor-actor.ts', import.meta.url);
const MONITOR_WITHOUT_NETLINK = new URL('./actors/monitor-without-netlink.ts', import.meta.url);

const WITHOUT_KOFFI: SpawnOptions = {
  execArgv: ['--import', new URL('../matrix/actors/without-koffi.mjs', import.meta.url).href],
};
/** The /sys of the lab's own host is mounted over that of the test run, which shows the links of another namespace. */
const WITH_FOREIGN_SYS = within('umount /sys');
const WITHOUT_SYS = within('mount -t tmpfs tmpfs /sys');
const withSysOfServer = () =>
  within(`nsenter --net=/proc/${net.server.namespace.pid}/ns/net mount -t sysfs sysfs /sys`);

let lab: Lab;
let net: ClientRouterServer;
let server: Actor<EchoServer>;
let client: Actor<MonitorActor>;

/** One Node.js that has node:ffi, and one that has none: whichever runs the tests, both rungs are climbed. */
const withNodeFfi = isBuiltin('node:ffi') ? {} : fromToolbox('26');
const withoutNodeFfi = isBuiltin('node:ffi') ? fromToolbox('24') : {};

describeInLab('the rungs of the ladder', [], () => {
  // Downloads it, the first time.
  beforeAll(() => installToolbox(), 300_000);
  beforeEach(() => build());
  afterEach(() => lab?.dispose());

  it('begin with netlink by koffi, for which there is nothing to excuse', async () => {
    expect(await start({})).toMatchObject({ source: 'netlink', ffi: 'koffi' });
    expect((await client.call('snapshot')).sourceReason).toBeUndefined();
    await pausesWorkWhile('link-down', setDown, setUp);
  });

  it.skipIf(withNodeFfi === undefined)('go on with netlink by node:ffi where koffi cannot be loaded', async () => {
    expect(await start({}, { ...WITHOUT_KOFFI, ...withNodeFfi })).toMatchObject({
      source: 'netlink',
      ffi: 'node:ffi',
      sourceReason: expect.stringMatching(/^koffi could not be loaded: .+$/),
    });
    await pausesWorkWhile('link-down', setDown, setUp);
    await pausesWorkWhile('no-carrier', pull, plug);
    expect(client.events('error')).toEqual([]);
  });

  it.skipIf(withoutNodeFfi === undefined)(
    'go on with /proc and /sys where neither koffi nor node:ffi is there',
    async () => {
      expect(await start({ pollInterval: 50 }, { ...WITHOUT_KOFFI, ...withoutNodeFfi })).toMatchObject({
        source: 'proc',
        sourceReason: expect.stringMatching(/^koffi could not be loaded: .+; nor node:ffi: Node\.js [\d.]+ has none$/),
      });
      await pausesWorkWhile('link-down', setDown, setUp);
    },
  );

  it('go on with /proc and /sys where a sandbox forbids netlink, though os.networkInterfaces() fails there too', async () => {
    expect(await start({ pollInterval: 50 }, {}, MONITOR_WITHOUT_NETLINK)).toMatchObject({
      source: 'proc',
      sourceReason: 'the kernel refuses netlink: socket failed: EAFNOSUPPORT',
    });
    await pausesWorkWhile('no-carrier', pull, plug);
    await pausesWorkWhile('no-route', loseRoute, findRoute);
    await pausesWorkWhile('no-address', loseAddress, findAddress);
  });

  it('go on with the list of interfaces where /sys shows another namespace', async () => {
    expect(await start({ enableNetlink: false, pollInterval: 50 }, WITH_FOREIGN_SYS)).toMatchObject({
      source: 'interfaces',
      sourceReason: expect.stringMatching(
        /^netlink is switched off .+; \/sys shows the links of another network namespace$/,
      ),
    });
    await pausesWorkWhile(/link-down|no-carrier/, setDown, setUp);
    await pausesWorkWhile(/link-down|no-carrier/, pull, plug);
  });

  it('go on with the list of interfaces where that other namespace has links of the same names and numbers', async () => {
    const numbers = async (host: Host) =>
      (await host.ip('link', 'show')).map(({ ifname, ifindex }) => [ifname, ifindex]);
    expect(await numbers(net.server)).toEqual(await numbers(net.client));
    expect(await start({ enableNetlink: false, pollInterval: 50 }, withSysOfServer())).toMatchObject({
      source: 'interfaces',
      sourceReason: expect.stringContaining('/sys shows the links of another network namespace'),
    });
  });

  it('go on with the list of interfaces where there is no /sys', async () => {
    expect(await start({ enableNetlink: false, pollInterval: 50 }, WITHOUT_SYS)).toMatchObject({
      source: 'interfaces',
      sourceReason: expect.stringMatching(/; there is no \/sys\/class\/net$/),
    });
    await pausesWorkWhile(/link-down|no-carrier/, setDown, setUp);
  });

  it('end where nothing can be known: nothing is claimed, and nothing is paused', async () => {
    const snapshot = await start({ pollInterval: 50 }, WITHOUT_SYS, MONITOR_WITHOUT_NETLINK, 'degraded');
    expect(snapshot).toMatchObject({
      source: 'interfaces',
      sourceReason: expect.stringMatching(
        /EAFNOSUPPORT; there is no \/sys\/class\/net; os\.networkInterfaces\(\) fails: /,
      ),
    });
    await begin('in the dark');
    expect(await settled('in the dark')).toMatchObject({ ok: true, attempts: 1 });
    await setDown();
    // A round of checks, each of which ends in silence.
    expect((await client.call('check')).state).toBe('degraded');
    await setUp();
    expect(client.events('state').filter(({ detail }) => detail.to === 'down')).toEqual([]);
    expect(client.events('pause')).toEqual([]);
  });
});

describeInLab('a monitor by /proc and /sys', [], () => {
  beforeEach(() => build());
  afterEach(() => lab?.dispose());

  it.each([
    { reason: 'link-down', what: 'a link that is set down', lose: () => setDown(), restore: () => setUp() },
    { reason: 'no-carrier', what: 'a carrier that is lost', lose: () => pull(), restore: () => plug() },
    {
      reason: 'no-address',
      what: 'an address that is removed',
      lose: () => loseAddress(),
      restore: () => findAddress(),
    },
    { reason: 'no-route', what: 'a route that is removed', lose: () => loseRoute(), restore: () => findRoute() },
  ])('names $what $reason, as netlink does', async ({ reason, lose, restore }) => {
    await start({ enableNetlink: false, pollInterval: 50 });
    await pausesWorkWhile(reason, lose, restore);
    expect(client.events('error')).toEqual([]);
  });

  it('sees the loss under work in flight by asking for its link, long before the next look at everything', async () => {
    await start({ enableNetlink: false, pollInterval: 3_600_000 });
    await begin('later: in flight', { interruptAfter: 60_000 });
    await server.event('line');
    await pull();
    await down('no-carrier');
    await plug();
    await up();
    await server.call('answer');
    expect(await settled('later: in flight')).toMatchObject({ ok: true, attempts: 1 });
  });

  it('finds an outage at once when work fails, so that it is not spent', async () => {
    await start({ enableNetlink: false, pollInterval: 3_600_000, carrierGuard: 'off', checkInterval: 3_600_000 });
    await loseRoute();
    await begin('without a route');
    await client.event('pause');
    await findRoute();
    await client.call('check');
    expect(await settled('without a route')).toMatchObject({ ok: true });
  });

  it('finds the ways that netlink finds, and no others', async () => {
    await net.client.configure(
      ['route', 'add', 'unreachable', '203.0.113.0/25'],
      ['route', 'add', 'blackhole', '203.0.113.128/25'],
      ['route', 'add', '203.0.113.64/26', 'via', net.addresses.router.ipv4],
      ['route', 'add', 'prohibit', '198.18.0.0/16', 'metric', '50'],
      ['route', 'add', 'throw', '198.19.0.0/16'],
      ['route', 'add', 'unreachable', '2001:db8:ff::/48'],
      ['route', 'add', '2001:db8:ff:1::/64', 'via', net.addresses.router.ipv6],
    );
    const { server: there, client: here, router } = net.addresses;
    const ways = [there.ipv4, there.ipv6, router.ipv4, router.ipv6, here.ipv4, here.ipv6, '127.0.0.1', '::1'];
    const ranges = ['203.0.113.1', '203.0.113.65', '203.0.113.129', '198.18.0.1', '198.19.0.1', '198.20.0.1'];
    const ranges6 = ['2001:db8:ff::1', '2001:db8:ff:1::1', '2001:db8:fe::1'];
    const judged = async (options: NetworkMonitorOptions) => {
      await start({ checkHosts: [], ...options });
      const all = [...ways, ...ranges, ...ranges6];
      return Promise.all(all.map(async (each) => `${each}: ${await client.call('watch', each)}`));
    };
    const byNetlink = await judged({});
    expect(byNetlink.filter((verdict) => verdict.endsWith('degraded (unverified)'))).toHaveLength(5);
    expect(await judged({ enableNetlink: false })).toEqual(byNetlink);
  });

  it('claims nothing where rules send packets by tables that /proc does not show', async () => {
    await net.client.configure(
      ['route', 'add', 'default', 'via', net.addresses.router.ipv4, 'table', '100'],
      ['rule', 'add', 'lookup', '100'],
    );
    await start({ enableNetlink: false, pollInterval: 50 }, {}, MONITOR, 'degraded');
    await net.client.configure(['route', 'del', 'default']);
    await begin('by a rule');
    expect(await settled('by a rule')).toMatchObject({ ok: true, attempts: 1 });
    expect(client.events('state').filter(({ detail }) => detail.to === 'down')).toEqual([]);
  });

  it('shows the interfaces as netlink shows them', async () => {
    await start({});
    const byNetlink = await client.call('interfaces');
    await client.call('stop');
    await start({ enableNetlink: false });
    const byProc = await client.call('interfaces');
    const comparable = (all: typeof byProc) =>
      all
        .map(({ statistics, addresses, ...others }) => ({
          ...others,
          counters: Object.keys(statistics ?? {}),
          addresses: addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`).toSorted(),
        }))
        .toSorted((a, b) => a.name.localeCompare(b.name));
    expect(comparable(byProc)).toEqual(comparable(byNetlink));
    expect(byProc.length).toBeGreaterThan(1);
  });
});

describeInLab('a monitor by /proc and /sys with the carrier of a TAP device', ['tap'], () => {
  beforeEach(() => build('tap'));
  afterEach(() => lab?.dispose());

  it('sees it go and come, though nobody tells of it', async () => {
    await start({ enableNetlink: false, pollInterval: 50 });
    await pausesWorkWhile('no-carrier', pull, plug);
  });
});

async function build(kind: 'veth' | 'tap' = 'veth'): Promise<void> {
  lab = await createLab();
  net = await clientRouterServer(lab, { kind });
  server = await net.server.spawn<EchoServer>(new URL('./actors/echo-server.ts', import.meta.url));
  await server.call('listen', PORT);
}

async function start(
  options: NetworkMonitorOptions,
  how: SpawnOptions = {},
  actor = MONITOR,
  state: 'up' | 'degraded' = 'up',
) {
  client = await net.client.spawn<MonitorActor>(actor, how);
  const snapshot = await client.call('start', {
    checkHosts: [net.addresses.server.ipv4],
    checkPorts: [PORT],
    checkInterval: 500,
    checkTimeout: 500,
    ...options,
  });
  await client.event('state', ({ to }) => to === state);
  return snapshot;
}

function fromToolbox(release: NodeRelease): SpawnOptions | undefined {
  return NODE_RELEASES.includes(release) ? { nodePath: nodePath(release) } : undefined;
}

/** The whole point of each rung: work that begins in an outage waits for its end, and spends nothing. */
async function pausesWorkWhile(reason: string | RegExp, lose: () => Promise<unknown>, restore: () => Promise<unknown>) {
  await lose();
  await down(reason);
  await begin(`while ${reason}`);
  await client.event('pause');
  await restore();
  expect(await settled(`while ${reason}`)).toMatchObject({ ok: true, attempts: 1 });
  await up();
}

function begin(name: string, options: object = {}) {
  const { ipv4: address } = net.addresses.server;
  return client.call('begin', { name, address, port: PORT, message: name, options: { retries: 0, ...options } });
}

async function settled(name: string) {
  return (await client.event('settled', (each) => each.work === name)).detail;
}

function down(reason: string | RegExp) {
  const fits = (found: string) => (typeof reason === 'string' ? found === reason : reason.test(found));
  return client.event('state', (change) => change.to === 'down' && fits(change.reason));
}

function up() {
  return client.event('state', ({ to }) => to === 'up');
}

const pull = () => lab.pullCable('client');
const plug = () => lab.plugIn('client');
const setDown = () => lab.linkDown('client');
const loseAddress = () => lab.removeAddress('client');
const findAddress = () => lab.restoreAddress('client');
const loseRoute = () => lab.removeDefaultRoute('client');
const findRoute = () => lab.restoreDefaultRoute('client');

async function setUp(): Promise<void> {
  await lab.linkUp('client');
  await lab.reconfigure('client');
}

/** Runs the actor in a mount namespace of its own, in which something was done before. */
function within(command: string): SpawnOptions {
  return {
    nodePath: 'unshare',
    execArgv: ['--mount', '--propagation', 'private', 'sh', '-c', `${command} && exec "$@"`, 'sh', process.execPath],
  };
}
