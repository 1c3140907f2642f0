import { parseIp } from '../netlink/index.js';
import type { ListInterfaces } from './proc-addresses.js';
import { type DeviceCounters, type ProcAddress6, parseAddresses6, parseDevices } from './proc-net.js';
import { readNames, readStatistics } from './sysfs-links.js';
import type { SystemFiles } from './system-files.js';

/**
 * Whether /sys shows the links of the namespace that this process is in. It need not: /sys shows the one in which it was mounted, and a
 * process that was moved into another (`unshare --net`, `nsenter --net`) without mounting it anew sees its old one there. /proc/net, on the
 * other hand, always is that of the process.
 *
 * Nothing names the namespace, so the links themselves are compared: their names, counters, numbers and hardware addresses, as far as they are
 * told without /sys.
 *
 * @throws {Error} where /sys or /proc cannot be read.
 */
export function showsThisNamespace(files: SystemFiles, list: ListInterfaces): boolean {
  // Interfaces may come and go in between; hardly three times in a row.
  return [1, 2, 3].some(() => hasTheseLinks(files) && hasTheseNumbers(files) && hasTheseAddresses(files, list));
}

function hasTheseLinks(files: SystemFiles): boolean {
  const before = readDevices(files);
  const shown = readNames(files).flatMap((name) => {
    const statistics = readStatistics(files, name);
    return statistics === undefined ? [] : [[name, statistics] as const];
  });
  return isBetween(before, new Map(shown), readDevices(files));
}

function readDevices(files: SystemFiles): ReadonlyMap<string, DeviceCounters> {
  const text = files.text('/proc/net/dev');
  if (text === undefined) throw new Error('there is no /proc/net/dev');
  return parseDevices(text);
}

/**
 * Whether what was shown can belong to what was told before and after: it holds what was there throughout, nothing that never was, and counters
 * that grew from one to the next.
 */
export function isBetween(
  before: ReadonlyMap<string, DeviceCounters>,
  shown: ReadonlyMap<string, DeviceCounters>,
  after: ReadonlyMap<string, DeviceCounters>,
): boolean {
  const stayed = [...before.keys()].filter((name) => after.has(name));
  return (
    stayed.every((name) => shown.has(name)) &&
    [...shown].every(([name, counters]) => {
      const [first, last] = [before.get(name), after.get(name)];
      if (first === undefined && last === undefined) return false;
      return COUNTERS.every(
        (each) =>
          (first?.[each] ?? 0) <= counters[each] && counters[each] <= (last?.[each] ?? Number.POSITIVE_INFINITY),
      );
    })
  );
}

const COUNTERS = ['rxBytes', 'rxPackets', 'txBytes', 'txPackets'] as const;

/** Namespaces that are made alike have links of equal names, and right after that of equal counters too: the two ends of a cable, for one. */
function hasTheseNumbers(files: SystemFiles): boolean {
  return addresses6(files).every(({ device, ifIndex }) => {
    const shown = readFile(files, device, 'ifindex');
    return shown === undefined || Number(shown) === ifIndex;
  });
}

/** And equal numbers. */
function hasTheseAddresses(files: SystemFiles, list: ListInterfaces): boolean {
  return hardwareAddresses(files, list).every(([device, told]) => {
    const shown = readFile(files, device, 'address');
    // A tunnel has none, and that of InfiniBand is longer than what Node tells.
    return shown?.length !== told.length || shown === told;
  });
}

function hardwareAddresses(
  files: SystemFiles,
  list: ListInterfaces,
): readonly (readonly [device: string, mac: string])[] {
  try {
    return Object.entries(list()).flatMap(([name, addresses = []]) => addresses.map(({ mac }) => [name, mac] as const));
  } catch {
    // Where netlink is forbidden, the link-local addresses are the next best that tells.
    return addresses6(files).flatMap(({ device, address }) => {
      const mac = hardwareAddressIn(address);
      return mac === undefined ? [] : [[device, mac] as const];
    });
  }
}

/** What a link-local address was made of, if it was made of that (modified EUI-64, RFC 4291 appendix A). */
function hardwareAddressIn(address: string): string | undefined {
  const bytes = parseIp(address)?.bytes ?? [];
  const [high = 0, , , , , , , , first = 0, second = 0, third = 0, ff, fe, ...rest] = bytes;
  if (high !== 0xfe || ff !== 0xff || fe !== 0xfe) return undefined;
  return [first ^ 0x02, second, third, ...rest].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function addresses6(files: SystemFiles): readonly ProcAddress6[] {
  return parseAddresses6(files.text('/proc/net/if_inet6') ?? '');
}

function readFile(files: SystemFiles, device: string, file: string): string | undefined {
  return files.text(`/sys/class/net/${device}/${file}`)?.trim();
}
