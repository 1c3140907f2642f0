import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/errors/index.js';
import { until } from '../lab/bounded.js';
import { runCommand } from '../lab/command.js';
import { describeInLab, reasonAgainst } from '../lab/describe-in-lab.js';
import type { Chatty } from '../lab/fixtures/chatty.js';
import {
  type Actor,
  type ClientRouterServer,
  CommandError,
  clientRouterServer,
  createLab,
  type Host,
  type IpRecord,
  type Lab,
  labSupport,
  TCP_ACTOR,
  type Tcp,
} from '../lab/index.js';
import { addressesOf, putBack, routesOf } from '../lab/interface-config.js';

const CHATTY = fixture('chatty.ts');

const TYPESCRIPT = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Long enough for a connect that can succeed, on this network without latency; a bound for one that cannot. */
const IN_VAIN = 300;

describe.each(['veth', 'tap'] as const)('by %s', (kind) => {
  describeInLab('the network client – router – server', kind === 'tap' ? ['tap'] : [], () => {
    let lab: Lab;
    let network: ClientRouterServer;
    let here: Actor<Tcp>;
    let port: number;

    beforeEach(async () => {
      lab = await createLab();
      network = await clientRouterServer(lab, { kind });
      const [client, server] = await Promise.all([
        network.client.spawn<Tcp>(TCP_ACTOR),
        network.server.spawn<Tcp>(TCP_ACTOR),
      ]);
      here = client;
      port = await server.call('listen');
    });

    afterEach(() => lab.dispose());

    const connects = async (timeout?: number) => ({
      ipv4: await here.call('connect', network.addresses.server.ipv4, port, timeout),
      ipv6: await here.call('connect', network.addresses.server.ipv6, port, timeout),
    });
    const uplink = () => linkOf(network.client, 'eth0');

    const EVERYTHING = { ipv4: 'connected', ipv6: 'connected' };
    const NO_ROUTE = { ipv4: 'ENETUNREACH', ipv6: 'ENETUNREACH' };
    const SILENCE = { ipv4: 'ETIMEDOUT', ipv6: 'ETIMEDOUT' };

    it('carries connections through the router, by IPv4 and IPv6', async () => {
      expect(await connects()).toEqual(EVERYTHING);
    });

    it('loses the carrier when the cable is pulled, and nothing of its configuration', async () => {
      const before = await configurationOf(network.client);
      await lab.pullCable('client');
      await until(
        async () => (await uplink())['operstate'] === 'DOWN',
        () => 'operstate DOWN',
      );
      expect((await uplink())['flags']).toEqual(expect.arrayContaining(['UP', 'NO-CARRIER']));
      expect(await configurationOf(network.client)).toEqual(before);
      expect(await connects(IN_VAIN)).toEqual(SILENCE);

      await lab.plugIn('client');
      expect(await connects()).toEqual(EVERYTHING);
      expect(await configurationOf(network.client)).toEqual(before);
    });

    it('leaves the far end as it was when the cable is plugged in again', async () => {
      const before = await configurationOf(network.router);
      await lab.pullCable('client');
      await lab.plugIn('client');
      expect(await configurationOf(network.router)).toEqual(before);
    });

    it('forgets its routes when the link is set down, until it is configured again', async () => {
      const before = await configurationOf(network.client);
      await lab.linkDown('client');
      expect((await uplink())['flags']).not.toContain('UP');
      expect(await connects()).toEqual(NO_ROUTE);

      await lab.linkUp('client');
      expect((await uplink())['flags']).toContain('UP');
      expect(await connects()).toEqual(NO_ROUTE);

      await lab.reconfigure('client');
      expect(await connects()).toEqual(EVERYTHING);
      expect(await configurationOf(network.client)).toEqual(before);
    });

    it('puts back what was there before the first of several flaps', async () => {
      const before = await configurationOf(network.client);
      for (let flap = 0; flap < 3; flap += 1) {
        await lab.linkDown('client');
        await lab.linkUp('client');
      }
      await lab.reconfigure('client');
      expect(await configurationOf(network.client)).toEqual(before);
      expect(await connects()).toEqual(EVERYTHING);
    });

    it('loses its addresses, and gets them back with the routes that hung on them', async () => {
      const before = await configurationOf(network.client);
      await lab.removeAddress('client');
      expect((await configurationOf(network.client)).addresses).toEqual([]);
      // IPv6 keeps its default route, and tries from its link-local address; no router carries that on.
      expect(Object.values(await connects(IN_VAIN))).not.toContain('connected');

      await lab.restoreAddress('client');
      expect(await configurationOf(network.client)).toEqual(before);
      expect(await connects()).toEqual(EVERYTHING);
    });

    it('loses one family of addresses and keeps the other, until that goes too', async () => {
      await lab.removeAddress('client', { family: 'IPv4' });
      expect(await connects()).toEqual({ ipv4: 'ENETUNREACH', ipv6: 'connected' });
      await lab.removeAddress('client', { family: 'IPv6' });
      expect((await configurationOf(network.client)).addresses).toEqual([]);

      await lab.restoreAddress('client');
      expect(await connects()).toEqual(EVERYTHING);
    });

    it('loses its default routes, and gets them back exactly', async () => {
      const odd = ['route', 'replace', 'default', 'via', '192.0.2.1', 'dev', 'eth0', 'proto', 'dhcp', 'metric', '0'];
      await network.client.configure([...odd, 'src', '192.0.2.2', 'mtu', '1400']);
      const before = await configurationOf(network.client);
      await lab.removeDefaultRoute('client');
      expect(await connects()).toEqual(NO_ROUTE);

      await lab.restoreDefaultRoute('client');
      expect(await configurationOf(network.client)).toEqual(before);
      expect(await connects()).toEqual(EVERYTHING);
    });

    it('hears nothing more from behind a router that stops forwarding, while all links stay up', async () => {
      await lab.stopForwarding('router');
      expect(await connects(IN_VAIN)).toEqual(SILENCE);
      for (const [host, name] of [
        [network.client, 'eth0'],
        [network.router, 'eth0'],
        [network.router, 'eth1'],
      ] as const) {
        expect((await linkOf(host, name))['flags']).toEqual(expect.arrayContaining(['UP', 'LOWER_UP']));
      }

      await lab.startForwarding('router');
      expect(await connects()).toEqual(EVERYTHING);
    });

    it('says when it asked the kernel, on the clock that all processes share', async () => {
      const faults = [
        () => lab.pullCable('client'),
        () => lab.plugIn('client'),
        () => lab.linkDown('client'),
        () => lab.linkUp('client'),
        () => lab.reconfigure('client'),
        () => lab.removeAddress('client'),
        () => lab.restoreAddress('client'),
        () => lab.removeDefaultRoute('client'),
        () => lab.restoreDefaultRoute('client'),
        () => lab.stopForwarding('router'),
        () => lab.startForwarding('router'),
      ];
      for (const fault of faults) {
        const before = process.hrtime.bigint();
        const at = await fault();
        expect(at).toBeGreaterThan(before);
        expect(at).toBeLessThan(process.hrtime.bigint());
      }
    });
  });
});

describeInLab('a packet filter', ['nft'], () => {
  it('drops everything in silence until it is taken away, and spares the loopback', async () => {
    await using lab = await createLab();
    const { client, server, addresses } = await clientRouterServer(lab);
    const [here, there] = await Promise.all([client.spawn<Tcp>(TCP_ACTOR), server.spawn<Tcp>(TCP_ACTOR)]);
    const port = await there.call('listen');

    await lab.dropAll('server');
    expect(await here.call('connect', addresses.server.ipv4, port, IN_VAIN)).toBe('ETIMEDOUT');
    expect(await there.call('connect', '127.0.0.1', port)).toBe('connected');

    await lab.allow('server');
    expect(await here.call('connect', addresses.server.ipv4, port)).toBe('connected');
  });
});

describeInLab('a link with a rate', ['tc'], () => {
  it('has a token bucket at both ends', async () => {
    await using lab = await createLab();
    const { client, router } = await clientRouterServer(lab, { rate: 20_000_000 });
    for (const host of [client, router]) {
      const { stdout } = await host.exec('tc', ['-json', 'qdisc', 'show', 'dev', 'eth0']);
      expect(JSON.parse(stdout)).toMatchObject([{ kind: 'tbf', options: { rate: 20_000_000 / 8 } }]);
    }
  });
});

describeInLab('faults', [], () => {
  it('cannot be undone before they are done, nor done twice', async () => {
    await using lab = await createLab();
    await clientRouterServer(lab);
    await expect(lab.plugIn('client')).rejects.toThrow('the cable of client eth0 is not pulled');
    await expect(lab.reconfigure('client')).rejects.toThrow('client eth0 was never set down');
    await expect(lab.restoreAddress('client')).rejects.toThrow('no address of client eth0 was removed');
    await expect(lab.restoreDefaultRoute('client')).rejects.toThrow('no default route of client was removed');
    await lab.pullCable('client');
    await expect(lab.pullCable('client')).rejects.toThrow('pulled already');
    await lab.removeAddress('server');
    await expect(lab.removeAddress('server')).rejects.toThrow('server eth0 has no address to remove');
    await lab.removeDefaultRoute('client');
    await expect(lab.removeDefaultRoute('client')).rejects.toThrow('no default route to remove');
  });

  it('can be mended again where the first attempt was refused', async () => {
    await using lab = await createLab();
    const { client } = await clientRouterServer(lab);
    const before = await configurationOf(client);
    await lab.linkDown('client');
    await expect(lab.reconfigure('client')).rejects.toThrow('ip route replace 0.0.0.0/0 via 192.0.2.1 dev eth0');
    await lab.linkUp('client');
    await lab.reconfigure('client');
    expect(await configurationOf(client)).toEqual(before);
  });

  it('are refused for hosts and interfaces that do not exist', async () => {
    await using lab = await createLab();
    await clientRouterServer(lab);
    await expect(lab.pullCable('cleint')).rejects.toThrow('there is no host cleint, only client, router, server');
    await expect(lab.pullCable('client', { interface: 'eth1' })).rejects.toThrow('client has no interface eth1');
  });

  it('reach any interface of a host', async () => {
    await using lab = await createLab();
    const { router, server } = await clientRouterServer(lab);
    await lab.pullCable('router', { interface: 'eth1' });
    expect((await linkOf(router, 'eth1'))['flags']).toContain('NO-CARRIER');
    expect((await linkOf(router, 'eth0'))['flags']).toContain('LOWER_UP');
    await lab.plugIn('router', { interface: 'eth1' });
    expect((await linkOf(router, 'eth1'))['flags']).toContain('LOWER_UP');
    expect(addressesOf(await server.ip('address', 'show', 'dev', 'eth0'))).toHaveLength(2);
  });
});

describeInLab('a host', [], () => {
  it('runs programs, and says what they said when they fail', async () => {
    await using lab = await createLab();
    const host = await lab.host('alone');
    expect(await host.exec('cat', [], { input: 'to itself' })).toEqual({ stdout: 'to itself', stderr: '' });
    await expect(host.exec('ls', ['/no/such/folder'])).rejects.toThrow(/exited with code 2.*\/no\/such\/folder/);
    await expect(host.exec('no-such-program')).rejects.toThrow(CommandError);
  });

  it('takes arguments as they are, without a shell', async () => {
    await using lab = await createLab();
    const host = await lab.host('alone');
    const { stdout } = await host.exec('printf', ['%s', '$(id); "quoted" *']);
    expect(stdout).toBe('$(id); "quoted" *');
  });

  it('kills a program that takes too long', async () => {
    await using lab = await createLab();
    const host = await lab.host('alone');
    await expect(host.exec('sleep', ['1000'], { timeout: 100 })).rejects.toThrow('took longer than 100 ms');
  });

  it('has a /sys of its own', async () => {
    await using lab = await createLab();
    const [a, b] = [await lab.host('a'), await lab.host('b')];
    await lab.link(a, b);
    await lab.link(a, b);
    const { stdout } = await a.exec('ls', ['/sys/class/net']);
    expect(stdout.split('\n').filter(Boolean).sort()).toEqual(['eth0', 'eth1', 'lo']);
  });

  it('has kernel parameters of its own', async () => {
    await using lab = await createLab();
    const [a, b] = [await lab.host('a'), await lab.host('b')];
    await a.sysctl('net.ipv4.ip_default_ttl', 17);
    const ttl = async (host: Host) => (await host.exec('cat', ['/proc/sys/net/ipv4/ip_default_ttl'])).stdout.trim();
    expect([await ttl(a), await ttl(b)]).toEqual(['17', '64']);
    await expect(a.sysctl('net.ipv4.no_such_thing', 1)).rejects.toThrow('no_such_thing');
    await a.sysctl('net.ipv4.ip_default_ttl', 18);
    expect(await ttl(a)).toBe('18');
  });

  it('goes on after a command of ip that was refused or misspelt', async () => {
    await using lab = await createLab();
    const host = await lab.host('alone');
    await expect(host.configure(['link', 'set', 'dev', 'eth9', 'up'])).rejects.toThrow('eth9');
    await expect(host.configure(['address', 'add', 'nonsense', 'dev', 'lo'])).rejects.toThrow('nonsense');
    await host.configure(['address', 'add', '192.0.2.9/32', 'dev', 'lo']);
    expect(addressesOf(await host.ip('address', 'show', 'dev', 'lo')).flat()).toContain('192.0.2.9/32');
  });

  it('refuses words that ip would read as several', async () => {
    await using lab = await createLab();
    const host = await lab.host('alone');
    await expect(host.configure(['link', 'show\nlink del dev lo'])).rejects.toThrow(InvalidOptionError);
    await expect(host.sysctl('../../etc', 1)).rejects.toThrow(InvalidOptionError);
  });
});

describeInLab('an actor', [], () => {
  it('answers with structured clones, and finds its arguments and environment', async () => {
    await using lab = await createLab();
    const host = await lab.host('alone');
    const chatty = await host.spawn<Chatty>(CHATTY, { args: ['--loud'], env: { COLOUR: 'green' } });
    const value = new Map([['since', 12n]]);
    expect(await chatty.call('echo', value)).toEqual(value);
    expect(await chatty.call('argumentsAndEnvironment')).toEqual({ args: ['--loud'], colour: 'green' });
  });

  it('runs inside its host', async () => {
    await using lab = await createLab();
    const host = await lab.host('alone');
    const chatty = await host.spawn<Chatty>(CHATTY);
    expect(readlinkSync(`/proc/${chatty.pid}/ns/net`)).toBe(host.namespace.id);
  });

  it('loses no event, whether it is told before or while somebody waits for it', async () => {
    await using lab = await createLab();
    const chatty = await (await lab.host('alone')).spawn<Chatty>(CHATTY);
    const later = chatty.event('word');
    await chatty.call('count', 5);
    await chatty.call('say', 'done');
    expect((await chatty.event('number', (number) => number >= 2)).detail).toBe(2);
    expect((await chatty.event('number')).detail).toBe(3);
    expect((await chatty.event('number', (number) => number % 2 === 1)).detail).toBe(5);
    expect((await later).detail).toBe('done');
    expect(chatty.events('number').map(({ detail }) => detail)).toEqual([1, 2, 3, 4, 5]);
  });

  it('stamps its events with the clock of the faults', async () => {
    await using lab = await createLab();
    const chatty = await (await lab.host('alone')).spawn<Chatty>(CHATTY);
    const before = process.hrtime.bigint();
    await chatty.call('say', 'now');
    const { at } = await chatty.event('word');
    expect(at).toBeGreaterThan(before);
    expect(at).toBeLessThan(process.hrtime.bigint());
  });

  it('says which events came when the one that is waited for does not', async () => {
    await using lab = await createLab();
    const chatty = await (await lab.host('alone')).spawn<Chatty>(CHATTY);
    await chatty.call('say', 'something else');
    const wait = chatty.event('word', (word) => word === 'please', { timeout: 50 });
    await expect(wait).rejects.toThrow(/waited 50 ms in vain(.|\n)*word 'something else'/);
  });

  it('hands over the error of a method with its name, code and cause', async () => {
    await using lab = await createLab();
    const chatty = await (await lab.host('alone')).spawn<Chatty>(CHATTY);
    await expect(chatty.call('fail')).rejects.toMatchObject({
      name: 'RangeError',
      message: 'too far',
      code: 'E_FAR',
      cause: { name: 'TypeError', message: 'no road' },
    });
  });

  it('fails whatever waits for it as soon as its process ends, with its last words', async () => {
    await using lab = await createLab();
    const chatty = await (await lab.host('alone')).spawn<Chatty>(CHATTY);
    const word = chatty.event('word');
    await expect(chatty.call('complainAndExit', 'I have had enough')).rejects.toThrow(
      /exited with code 7(.|\n)*I have had enough/,
    );
    await expect(word).rejects.toThrow('exited with code 7');
    await expect(chatty.call('say', 'still there?')).rejects.toThrow('exited with code 7');
  });

  it('fails to start where its module does', async () => {
    await using lab = await createLab();
    const host = await lab.host('alone');
    await expect(host.spawn('/no/such/module.ts')).rejects.toThrow('ERR_MODULE_NOT_FOUND');
  });

  it('can be stopped before its lab', async () => {
    await using lab = await createLab();
    const chatty = await (await lab.host('alone')).spawn<Chatty>(CHATTY);
    await chatty.stop();
    expect(existsSync(`/proc/${chatty.pid}`)).toBe(false);
  });
});

describeInLab('a lab', [], () => {
  it('does not meet another one with the same hosts and addresses', async () => {
    await using one = await createLab();
    await using other = await createLab();
    const networks = await Promise.all([clientRouterServer(one), clientRouterServer(other)]);
    const outcomes = await Promise.all(
      networks.map(async ({ client, server, addresses }) => {
        const [here, there] = await Promise.all([client.spawn<Tcp>(TCP_ACTOR), server.spawn<Tcp>(TCP_ACTOR)]);
        const port = await there.call('listen');
        return () => here.call('connect', addresses.server.ipv4, port, IN_VAIN);
      }),
    );
    await one.stopForwarding('router');
    expect(await Promise.all(outcomes.map((connect) => connect()))).toEqual(['ETIMEDOUT', 'connected']);
  });

  it('leaves no process behind when a test throws, not even one that hides', async () => {
    const processes: Process[] = [];
    const story = async () => {
      await using lab = await createLab();
      const { client } = await clientRouterServer(lab);
      const actor = await client.spawn<Tcp>(TCP_ACTOR);
      const { stdout } = await client.exec('sh', [
        '-c',
        'setsid sh -c "trap : TERM HUP; sleep 1000" >/dev/null 2>&1 & echo $!',
      ]);
      for (const pid of [client.namespace.pid, actor.pid, Number(stdout)]) processes.push(identify(pid));
      throw new Error('the test has failed');
    };
    await expect(story()).rejects.toThrow('the test has failed');
    expect(processes).toHaveLength(3);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('leaves no process behind when its own process is killed, not even one that hides', async () => {
    const script = fixture('lab-for-ever.ts');
    const owner = spawn(process.execPath, ['--import', TYPESCRIPT, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = await once(createInterface(owner.stdout), 'line');
      const pids: unknown = JSON.parse(String(line));
      const processes = Array.isArray(pids) ? pids.map((pid) => identify(Number(pid))) : [];
      expect(processes.filter(isAlive)).toHaveLength(5);
      owner.kill('SIGKILL');
      await until(
        () => !processes.some(isAlive),
        () => 'the end of the lab',
      );
    } finally {
      owner.kill('SIGKILL');
    }
  });

  it('can be disposed twice, and gives nothing more afterwards', async () => {
    const lab = await createLab();
    const host = await lab.host('alone');
    await lab.dispose();
    await lab.dispose();
    await expect(lab.host('late')).rejects.toThrow('the lab is disposed');
    await expect(host.configure(['link', 'show'])).rejects.toThrow('the host alone is gone');
  });

  it('ends what is still being made when it is disposed', async () => {
    const lab = await createLab();
    const host = lab.host('on its way'.replaceAll(' ', '-'));
    const failed = expect(host).rejects.toThrow();
    await lab.dispose();
    await failed;
  });

  it('lets its process end when it is forgotten', async () => {
    await expect(
      runCommand([process.execPath, '--import', TYPESCRIPT, fixture('forgotten-lab.ts')]),
    ).resolves.toBeDefined();
  });

  it('refuses what makes no sense', async () => {
    await using lab = await createLab();
    const [a, b] = [await lab.host('a'), await lab.host('b')];
    await expect(lab.host('a')).rejects.toThrow('there is a host a already');
    await expect(Promise.all([lab.host('twin'), lab.host('twin')])).rejects.toThrow('there is a host twin already');
    await expect(lab.host('a b')).rejects.toThrow(InvalidOptionError);
    await expect(lab.link(a, b, { addresses: ['192.0.2.2', '192.0.2.1/24'] })).rejects.toThrow(InvalidOptionError);
    await expect(lab.link(a, b, { addresses: ['192.0.2.2/33', '192.0.2.1/24'] })).rejects.toThrow(InvalidOptionError);
    await expect(lab.link(a, b, { rate: -1 })).rejects.toThrow(InvalidOptionError);
  });
});

describe('a lab without the rights of root', () => {
  it('works within a user namespace, as an ordinary user', async (test) => {
    if (process.getuid?.() !== 0) return test.skip('every test here runs as an ordinary user');
    const script = fixture('short-story.ts');
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const { stdout } = await runCommand(['setpriv', ...nobody, process.execPath, '--import', TYPESCRIPT, script]);
    const outcome: unknown = JSON.parse(stdout);
    if (process.env['CI'] !== 'true' && isUnavailable(outcome)) return test.skip(outcome.reason);
    expect(outcome).toEqual({
      available: true,
      privilege: 'user-namespace',
      connects: ['connected', 'ETIMEDOUT', 'connected'],
    });
  });

  it('has the same hosts when root asks for it', async (test) => {
    const reason = reasonAgainst(await labSupport('user-namespace'), []);
    if (process.env['CI'] !== 'true' && reason !== undefined) return test.skip(reason);
    await using lab = await createLab({ privilege: 'user-namespace' });
    const { client, server, addresses } = await clientRouterServer(lab);
    const [here, there] = await Promise.all([client.spawn<Tcp>(TCP_ACTOR), server.spawn<Tcp>(TCP_ACTOR)]);
    const port = await there.call('listen');
    expect(await here.call('connect', addresses.server.ipv6, port)).toBe('connected');
    await lab.linkDown('client');
    expect(await here.call('connect', addresses.server.ipv6, port)).toBe('ENETUNREACH');
  });
});

describe('where there can be no lab', () => {
  it('says why in one sentence', async (test) => {
    const reason = reasonAgainst(await labSupport('user-namespace'), []);
    if (process.env['CI'] !== 'true' && reason !== undefined) return test.skip(reason);
    const forbidden = 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"';
    const command = ['sh', '-c', forbidden, 'sh', process.execPath, '--import', TYPESCRIPT, fixture('short-story.ts')];
    const { stdout } = await runCommand(['unshare', '--user', '--map-root-user', '--', ...command]);
    expect(JSON.parse(stdout)).toEqual({
      available: false,
      reason: expect.stringMatching(/^no network namespace.*unshare failed: No space left on device$/),
    });
  });

  it('is enough that one of the needed parts is missing', () => {
    const yes = { available: true } as const;
    const support = {
      available: true,
      privilege: 'root',
      tap: { available: false, reason: 'no device' },
      nft: yes,
      tc: yes,
    } as const;
    expect(reasonAgainst(support, ['nft', 'tc'])).toBeUndefined();
    expect(reasonAgainst(support, ['nft', 'tap'])).toBe('no device');
    expect(reasonAgainst({ available: false, reason: 'no Linux' }, [])).toBe('no Linux');
  });
});

describe('what a fault takes away', () => {
  it('is put back in the words of ip, gateways last', () => {
    const text = [
      'default via 192.0.2.1 dev eth0 proto dhcp metric 100 linkdown ',
      '192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2 linkdown ',
      '198.51.100.0/24 dev eth0 scope link dead linkdown ',
    ].join('\n');
    const addresses = addressesOf([
      {
        ifname: 'eth0',
        addr_info: [
          { family: 'inet', local: '192.0.2.2', prefixlen: 24, broadcast: '192.0.2.255', scope: 'global' },
          { family: 'inet6', local: '2001:db8::2', prefixlen: 64, scope: 'global' },
          { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' },
        ],
      },
    ]);
    expect(putBack('eth0', { addresses, routes: routesOf(text, 'IPv4') }).map((words) => words.join(' '))).toEqual([
      'address replace 192.0.2.2/24 scope global broadcast 192.0.2.255 dev eth0',
      'address replace 2001:db8::2/64 scope global nodad dev eth0',
      'route replace 198.51.100.0/24 dev eth0 scope link',
      'route replace 0.0.0.0/0 via 192.0.2.1 dev eth0 proto dhcp metric 100',
    ]);
  });

  it('is refused where it could not be put back', () => {
    const text =
      'default proto static \\\tnexthop via 192.0.2.1 dev eth0 weight 1 \\\tnexthop via 192.0.2.3 dev eth0 weight 1 ';
    expect(() => routesOf(text, 'IPv4')).toThrow('a route of several next hops');
  });
});

function fixture(name: string): string {
  return fileURLToPath(new URL(`../lab/fixtures/${name}`, import.meta.url));
}

async function linkOf(host: Host, name: string): Promise<IpRecord> {
  const [link] = await host.ip('link', 'show', 'dev', name);
  if (link === undefined) throw new Error(`${host.name} has no ${name}`);
  return link;
}

/** The addresses and routes of a host, without those that the kernel gives and without what tells a state. */
async function configurationOf(host: Host) {
  const [links, ipv4, ipv6] = await Promise.all([
    host.ip('address', 'show'),
    host.exec('ip', ['-4', '-oneline', 'route', 'show']),
    host.exec('ip', ['-6', '-oneline', 'route', 'show']),
  ]);
  return {
    addresses: addressesOf(links.filter(({ ifname }) => ifname !== 'lo')),
    routes: [...routesOf(ipv4.stdout, 'IPv4'), ...routesOf(ipv6.stdout, 'IPv6')],
  };
}

/** A process, told from a later one with the same id. */
interface Process {
  readonly pid: number;
  readonly namespace: string;
}

function identify(pid: number): Process {
  return { pid, namespace: readlinkSync(`/proc/${pid}/ns/net`) };
}

function isAlive({ pid, namespace }: Process): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === namespace;
  } catch {
    return false;
  }
}

function isUnavailable(outcome: unknown): outcome is { readonly reason: string } {
  return typeof outcome === 'object' && outcome !== null && 'reason' in outcome && typeof outcome.reason === 'string';
}
