import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { InterfaceStatistics } from '../../../../src/monitor/index.js';
import { RequestClient } from '../../../../src/netlink/index.js';
import { parseCpuMax, readCgroup } from '../../../../src/probes/host/cgroup.js';
import { cpuUsage, parseCpuTimes, readCpuTimes } from '../../../../src/probes/host/cpu.js';
import { readDisks, usage } from '../../../../src/probes/host/disks.js';
import { interfaceTraffic, ratesOf } from '../../../../src/probes/host/interface-traffic.js';
import { parseMemory, readMemory } from '../../../../src/probes/host/memory.js';
import { dataMounts, parseMounts } from '../../../../src/probes/host/mounts.js';
import { openCounters, parseDevices } from '../../../../src/probes/host/traffic-counters.js';

/** A /proc and /sys of a test's own. */
function files(contents: Readonly<Record<string, string>>) {
  return async (path: string): Promise<string | undefined> => contents[path];
}

const never = new AbortController().signal;

describe('processors', () => {
  const before =
    'cpu  100 10 50 1000 40 5 5 10 30 3\ncpu0 50 5 25 500 20 3 2 5 15 2\ncpu1 50 5 25 500 20 2 3 5 15 1\nintr 1\n';
  const after = 'cpu  130 20 70 1100 60 10 10 15 50 9\ncpu0 1 1 1 1 1 1 1 1 1 1\ncpu1 1 1 1 1 1 1 1 1 1 1\n';

  it('share the time of an interval', () => {
    // 40 + 20 + 100 + 20 + 10 + 5 = 195; the time of guests is in user and nice already.
    const found = cpuUsage(parseCpuTimes(before), parseCpuTimes(after));
    expect(found).toEqual({
      count: 2,
      utilisation: 75 / 195,
      user: 40 / 195,
      system: 20 / 195,
      interrupts: 10 / 195,
      iowait: 20 / 195,
      steal: 5 / 195,
      idle: 100 / 195,
    });
  });

  it('never count backwards', () => {
    const less = after.replace('1100 60', '1100 30');
    expect(cpuUsage(parseCpuTimes(before), parseCpuTimes(less))).toMatchObject({ iowait: 0, idle: 100 / 175 });
  });

  it('say nothing where nothing was counted', () => {
    expect(cpuUsage(parseCpuTimes(before), parseCpuTimes(before))).toBeUndefined();
    expect(cpuUsage(undefined, parseCpuTimes(before))).toBeUndefined();
    expect(parseCpuTimes('cpu  1 2 x 4\n')).toBeUndefined();
    expect(parseCpuTimes('')).toBeUndefined();
  });

  it('know the line of kernels before 2.6.11, which have no steal', () => {
    expect(parseCpuTimes('cpu  1 2 3 4 5 6 7\ncpu0 1 2 3 4 5 6 7\n')).toEqual({
      by: 'kernel',
      count: 1,
      user: 3,
      system: 3,
      interrupts: 13,
      iowait: 5,
      steal: 0,
      idle: 4,
    });
  });

  it('give fractions that come to 1, whatever is counted, taken away or added', () => {
    const line = fc.array(fc.nat(2 ** 40), { minLength: 4, maxLength: 10 }).map((ticks) => `cpu  ${ticks.join(' ')}\n`);
    fc.assert(
      fc.property(line, line, (earlier, later) => {
        const usage = cpuUsage(parseCpuTimes(earlier), parseCpuTimes(later));
        if (usage === undefined) return;
        const { user, system, interrupts, iowait, steal, idle, utilisation } = usage;
        expect(user + system + interrupts + iowait + steal + idle).toBeCloseTo(1, 9);
        for (const each of Object.values(usage)) expect(each).toBeGreaterThanOrEqual(0);
        expect(utilisation).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('say nothing of a counter that has fallen below 0, which the kernel shows as nearly 2^64', () => {
    const wrapped = after.replace(' 15 50 9\n', ' 18446744073709551610 50 9\n');
    expect(wrapped).not.toBe(after);
    expect(cpuUsage(parseCpuTimes(before), parseCpuTimes(wrapped))).toBeUndefined();
  });

  it('say nothing where one reading is of the kernel and the other of Node.js', async () => {
    const stat = { '/proc/stat': before };
    expect(cpuUsage(await readCpuTimes(files(stat)), await readCpuTimes(files({})))).toBeUndefined();
  });

  it('are asked of Node.js where there is no /proc', async () => {
    expect((await readCpuTimes(files({})))?.count).toBeGreaterThan(0);
  });
});

describe('memory', () => {
  it('is what /proc/meminfo says', () => {
    const text =
      'MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     750 kB\nBuffers:           50 kB\nCached:           600 kB\nSwapTotal:        200 kB\nSwapFree:         150 kB\nHugePages_Total:       4\n';
    expect(parseMemory(text)).toEqual({
      total: 1_024_000,
      free: 102_400,
      available: 768_000,
      utilisation: 0.25,
      buffers: 51_200,
      cached: 614_400,
      swapTotal: 204_800,
      swapFree: 153_600,
    });
  });

  it('is not used below nothing where a container is told of more than it has', () => {
    expect(parseMemory('MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 2000 kB\n')).toMatchObject({
      utilisation: 0,
    });
    expect(parseMemory('MemTotal: 0 kB\nMemFree: 0 kB\nMemAvailable: 0 kB\n')).toEqual({
      total: 0,
      free: 0,
      available: 0,
    });
  });

  it('has no estimate where the kernel makes none', () => {
    expect(parseMemory('MemTotal: 1000 kB\nMemFree: 100 kB\n')).toEqual({ total: 1_024_000, free: 102_400 });
    expect(parseMemory('MemFree: 100 kB\n')).toBeUndefined();
  });

  it('is asked of Node.js where there is no /proc', async () => {
    expect((await readMemory(files({}))).total).toBeGreaterThan(0);
  });
});

describe('mounts', () => {
  const MOUNTINFO = `22 27 0:21 / /proc rw,relatime - proc proc rw
23 27 0:22 / /sys rw,relatime - sysfs sysfs rw
25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
28 27 254:0 /srv /mnt/again rw - ext4 /dev/vda rw
29 27 8:1 / /mnt/a\\040space\\134 rw - xfs /dev/sda1 rw
30 27 8:2 / /mnt/hidden rw - ext4 /dev/sda2 rw
31 27 0:50 / /mnt/hidden rw - nfs4 192.0.2.1:/export rw
32 27 0:51 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
33 27 7:0 / /snap/core rw - squashfs /dev/loop0 ro
this is none
`;

  it('are read with their escapes and optional fields', () => {
    const mounts = parseMounts(MOUNTINFO);
    expect(mounts).toHaveLength(10);
    expect(mounts[3]).toEqual({ path: '/', root: '/', type: 'ext4', device: '/dev/vda', number: '254:0' });
    expect(mounts[5]?.path).toBe('/mnt/a space\\');
  });

  it('hold data once for each device, and not where something else hides it', () => {
    expect(dataMounts(parseMounts(MOUNTINFO)).map(({ path, type }) => [path, type])).toEqual([
      ['/', 'ext4'],
      ['/mnt/a space\\', 'xfs'],
      ['/mnt/hidden', 'nfs4'],
    ]);
  });

  it('count an overlay at the root of a container', () => {
    const [root] = dataMounts(parseMounts('1 0 0:40 / / rw - overlay overlay rw\n'));
    expect(root).toMatchObject({ path: '/', type: 'overlay' });
  });
});

describe('disks', () => {
  it('are used as df prints it', () => {
    // 1000 blocks, of which 400 are free and 350 for anybody: 600 / 950.
    expect(usage({ bsize: 4096, blocks: 1000, bfree: 400, bavail: 350, files: 50, ffree: 20 })).toEqual({
      total: 4_096_000,
      free: 1_638_400,
      available: 1_433_600,
      utilisation: 600 / 950,
      files: 50,
      filesFree: 20,
    });
    expect(usage({ bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0 })).toEqual({
      total: 0,
      free: 0,
      available: 0,
    });
  });

  it('are never used below nothing, or beyond all', () => {
    expect(usage({ bsize: 1, blocks: 10, bfree: 20, bavail: 20, files: 0, ffree: 0 }).utilisation).toBe(0);
    expect(usage({ bsize: 1, blocks: 10, bfree: 0, bavail: 0, files: 0, ffree: 0 }).utilisation).toBe(1);
  });

  it('say why they could not be measured', async () => {
    const [root, missing] = await readDisks(['/', '/nowhere/at/all'], files({}), never);
    expect(root?.total).toBeGreaterThan(0);
    expect(missing).toEqual({ path: '/nowhere/at/all', error: 'ENOENT' });
  });

  it('are not waited for when the time is over', async () => {
    expect(await readDisks(['/'], files({}), AbortSignal.abort())).toEqual([{ path: '/', error: 'timeout' }]);
  });

  it('are those that are mounted, and none where nothing tells', async () => {
    const found = await readDisks(
      undefined,
      files({ '/proc/self/mountinfo': '1 0 254:0 / / rw - ext4 /dev/vda rw\n' }),
      never,
    );
    expect(found).toMatchObject([{ path: '/', device: '/dev/vda', type: 'ext4' }]);
    expect(await readDisks(undefined, files({}), never)).toEqual([]);
  });
});

describe('interfaces', () => {
  const none: InterfaceStatistics = {
    rxBytes: 0,
    txBytes: 0,
    rxPackets: 0,
    txPackets: 0,
    rxErrors: 0,
    txErrors: 0,
    rxDropped: 0,
    txDropped: 0,
  };
  const reading = (at: number, counters: Partial<InterfaceStatistics>, rest = {}) => ({
    at,
    interfaces: [{ name: 'eth0', index: 2, mac: '02:00:00:00:00:01', counters: { ...none, ...counters }, ...rest }],
  });
  const sys = (speed: string, index = '2\n', mac = '02:00:00:00:00:01\n') =>
    files({
      '/sys/class/net/eth0/ifindex': index,
      '/sys/class/net/eth0/address': mac,
      '/sys/class/net/eth0/speed': speed,
    });

  it('have rates and, where there is a speed, utilisation', async () => {
    const before = reading(1000, { rxBytes: 1000, txBytes: 0 });
    const after = reading(3000, { rxBytes: 251_000, txBytes: 25_000_000, rxPackets: 10 });
    expect(await interfaceTraffic(before, after, sys('100\n'))).toEqual([
      {
        name: 'eth0',
        index: 2,
        counters: { ...none, rxBytes: 251_000, txBytes: 25_000_000, rxPackets: 10 },
        rates: { ...none, rxBytes: 125_000, txBytes: 12_500_000, rxPackets: 5 },
        speed: 100_000_000,
        rxUtilisation: 0.01,
        txUtilisation: 1,
      },
    ]);
  });

  it.each([
    ['the driver does not know', sys('-1\n'), {}],
    ['the driver says 0', sys('0\n'), {}],
    ['the driver says −1 without a sign', sys('65535\n'), {}],
    ['there is no file', files({}), {}],
    ['/sys shows another number', sys('100\n', '3\n'), {}],
    ['/sys shows another address', sys('100\n', '2\n', '02:00:00:00:00:02\n'), {}],
    ['the link is made of software', sys('10000\n'), { kind: 'veth' }],
  ])('have no speed where %s', async (_, read, rest) => {
    const [found] = await interfaceTraffic(reading(0, {}, rest), reading(1000, { rxBytes: 1 }, rest), read);
    expect(found?.rates?.rxBytes).toBe(1);
    expect(Object.keys(found ?? {})).not.toContain('speed');
    expect(Object.keys(found ?? {})).not.toContain('rxUtilisation');
  });

  it('have no rates when a counter went back', async () => {
    expect(ratesOf({ ...none, txErrors: 4_294_967_290 }, { ...none, txErrors: 5 }, 1)).toBeUndefined();
    expect(ratesOf(none, none, 0)).toBeUndefined();
    const [found] = await interfaceTraffic(reading(0, { rxBytes: 10 }), reading(1000, { rxBytes: 9 }), sys('100\n'));
    expect(found).toMatchObject({ counters: { rxBytes: 9 }, speed: 100_000_000 });
    expect(Object.keys(found ?? {})).not.toContain('rates');
    expect(Object.keys(found ?? {})).not.toContain('rxUtilisation');
  });

  it('are used to 1 at most, though the driver counts only now and then', async () => {
    const [found] = await interfaceTraffic(reading(0, {}), reading(1000, { rxBytes: 20_000_000 }), sys('100\n'));
    expect(found).toMatchObject({ rates: { rxBytes: 20_000_000 }, rxUtilisation: 1, txUtilisation: 0 });
  });

  it('go on counting under another name', async () => {
    const renamed = reading(1000, { rxBytes: 9 }, { name: 'wan0' });
    const [found] = await interfaceTraffic(reading(0, {}), renamed, files({}));
    expect(found).toMatchObject({ name: 'wan0', rates: { rxBytes: 9 } });
  });

  it('are known by their names where there are no numbers', async () => {
    const rest = { index: undefined };
    const [found] = await interfaceTraffic(reading(0, {}, rest), reading(1000, { rxBytes: 9 }, rest), files({}));
    expect(found).toMatchObject({ name: 'eth0', rates: { rxBytes: 9 } });
  });

  it('may be ten thousand, with few files open at a time, and none for those that nobody wants', async () => {
    const many = (at: number) => ({
      at,
      interfaces: Array.from({ length: 10_000 }, (_, index) => ({ name: `vlan${index}`, index, counters: none })),
    });
    const open = { now: 0, most: 0, ever: 0 };
    const read = async () => {
      open.now += 1;
      open.ever += 1;
      open.most = Math.max(open.most, open.now);
      await Promise.resolve();
      open.now -= 1;
      return undefined;
    };
    const found = await interfaceTraffic(many(0), many(1000), read);
    expect(found.map(({ name }) => name)).toEqual(many(0).interfaces.map(({ name }) => name));
    expect(open).toMatchObject({ most: 8, ever: 10_000 });
    const [one, ...others] = await interfaceTraffic(many(0), many(1000), read, ['vlan77', 'absent']);
    expect([one?.name, others.length, open.ever]).toEqual(['vlan77', 0, 10_001]);
  });

  it('have no rates when they were made in between', async () => {
    const [found] = await interfaceTraffic(reading(0, {}, { index: 9 }), reading(1000, { rxBytes: 9 }), files({}));
    expect(found?.rates).toBeUndefined();
  });

  it('are read from /proc/net/dev where there is no netlink', () => {
    const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
  eth0:12345678     901    3    4    0     0          0         5   765432     109    7    8    0     0       0          0
`;
    expect(parseDevices(text)).toEqual([
      { name: 'lo', counters: { ...none, rxBytes: 100, rxPackets: 2, txBytes: 100, txPackets: 2 } },
      {
        name: 'eth0',
        counters: {
          rxBytes: 12_345_678,
          rxPackets: 901,
          rxErrors: 3,
          rxDropped: 4,
          txBytes: 765_432,
          txPackets: 109,
          txErrors: 7,
          txDropped: 8,
        },
      },
    ]);
    expect(parseDevices('eth0: 1 2 3\n')).toEqual([]);
  });

  it('are read from /proc/net/dev where netlink gives a socket and no answer', async () => {
    const refusing = vi.spyOn(RequestClient.prototype, 'dumpLinks').mockImplementation(() => {
      throw new Error('EPERM');
    });
    const source = await openCounters(files({ '/proc/net/dev': 'eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n' }));
    try {
      expect((await source.read()).interfaces).toMatchObject([{ name: 'eth0', counters: { rxBytes: 1, txBytes: 5 } }]);
    } finally {
      source.close();
      refusing.mockRestore();
    }
  });

  it('are counted by the kernel', async () => {
    const source = await openCounters(files({}));
    const { interfaces } = await source.read();
    source.close();
    expect(interfaces.map(({ name }) => name)).toContain('lo');
  });
});

describe('control groups', () => {
  const MOUNT = '31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n';

  it('have the tightest limit of all that can be seen', async () => {
    const found = await readCgroup(
      files({
        '/proc/self/cgroup': '0::/pod/app\n',
        '/proc/self/mountinfo': MOUNT,
        '/sys/fs/cgroup/pod/app/memory.max': 'max\n',
        '/sys/fs/cgroup/pod/app/memory.current': '12345\n',
        '/sys/fs/cgroup/pod/app/cpu.max': '250000 100000\n',
        '/sys/fs/cgroup/pod/memory.max': '268435456\n',
        '/sys/fs/cgroup/pod/cpu.max': '50000 100000\n',
        '/sys/fs/cgroup/memory.max': '536870912\n',
      }),
    );
    expect(found).toEqual({ path: '/pod/app', memoryLimit: 268_435_456, memoryUsed: 12_345, cpuLimit: 0.5 });
  });

  it('are at the mount in a container with a namespace of its own', async () => {
    const found = await readCgroup(
      files({ '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': MOUNT, '/sys/fs/cgroup/memory.max': '1000\n' }),
    );
    expect(found).toEqual({ path: '/', memoryLimit: 1000 });
  });

  it('are below the mount in a container without one', async () => {
    const mountinfo = MOUNT.replace(' / /sys', ' /docker/abc /sys');
    const memory = { '/sys/fs/cgroup/memory.max': '1000\n' };
    const found = (path: string) =>
      readCgroup(files({ '/proc/self/cgroup': `0::${path}\n`, '/proc/self/mountinfo': mountinfo, ...memory }));
    expect(await found('/docker/abc')).toEqual({ path: '/docker/abc', memoryLimit: 1000 });
    expect(await found('/docker/abcd')).toBeUndefined();
    expect(await found('/docker')).toBeUndefined();
  });

  it('may have two dots in their names', async () => {
    const contents = { '/proc/self/cgroup': '0::/app..slice\n', '/proc/self/mountinfo': MOUNT };
    expect(await readCgroup(files({ ...contents, '/sys/fs/cgroup/app..slice/memory.max': '1000\n' }))).toMatchObject({
      memoryLimit: 1000,
    });
  });

  it('are not looked for outside of what can be seen', async () => {
    const contents = { '/proc/self/cgroup': '0::/../elsewhere\n', '/proc/self/mountinfo': MOUNT };
    expect(await readCgroup(files({ ...contents, '/sys/fs/elsewhere/memory.max': '1000\n' }))).toBeUndefined();
  });

  it('are absent with version 1 and where nothing tells', async () => {
    expect(
      await readCgroup(files({ '/proc/self/cgroup': '4:memory:/x\n', '/proc/self/mountinfo': MOUNT })),
    ).toBeUndefined();
    expect(await readCgroup(files({}))).toBeUndefined();
  });

  it('have no limit of processors where there is none', () => {
    expect([parseCpuMax('max 100000\n'), parseCpuMax('0 0'), parseCpuMax(''), parseCpuMax(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
