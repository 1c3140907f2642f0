import type { InterfaceStatistics } from '../../monitor/index.js';
import type { InterfaceTraffic } from './host-facts.js';
import { type ReadText, toCount } from './proc-files.js';
import type { CountedInterface, CounterReading } from './traffic-counters.js';

/** What the interfaces carried between two readings. */
export async function interfaceTraffic(
  before: CounterReading,
  after: CounterReading,
  read: ReadText,
): Promise<readonly InterfaceTraffic[]> {
  const seconds = (after.at - before.at) / 1000;
  return Promise.all(
    after.interfaces.map(async (now) => {
      const earlier = before.interfaces.find(({ name, index }) => name === now.name && index === now.index);
      const rates = earlier === undefined ? undefined : ratesOf(earlier.counters, now.counters, seconds);
      const speed = await linkSpeed(now, read);
      return {
        name: now.name,
        ...(now.index !== undefined && { index: now.index }),
        counters: now.counters,
        ...(rates !== undefined && { rates }),
        ...(speed !== undefined && { speed }),
        ...(rates !== undefined && speed !== undefined && utilisation(rates, speed)),
      };
    }),
  );
}

/**
 * @internal
 * @returns undefined where a counter went back. A 32-bit counter that ran over and one that was reset look alike, and a guess between them would be
 * wrong by four gigabytes.
 */
export function ratesOf(
  before: InterfaceStatistics,
  after: InterfaceStatistics,
  seconds: number,
): InterfaceStatistics | undefined {
  if (!(seconds > 0) || COUNTERS.some((name) => after[name] < before[name])) return undefined;
  const rate = (name: keyof InterfaceStatistics) => (after[name] - before[name]) / seconds;
  return {
    rxBytes: rate('rxBytes'),
    txBytes: rate('txBytes'),
    rxPackets: rate('rxPackets'),
    txPackets: rate('txPackets'),
    rxErrors: rate('rxErrors'),
    txErrors: rate('txErrors'),
    rxDropped: rate('rxDropped'),
    txDropped: rate('txDropped'),
  };
}

const COUNTERS = [
  'rxBytes',
  'txBytes',
  'rxPackets',
  'txPackets',
  'rxErrors',
  'txErrors',
  'rxDropped',
  'txDropped',
] as const satisfies readonly (keyof InterfaceStatistics)[];

/** Headers of the link layer count in the bytes, preamble and gap of Ethernet do not: a full link comes to a little less than 1. */
function utilisation(
  { rxBytes, txBytes }: InterfaceStatistics,
  speed: number,
): Pick<InterfaceTraffic, 'rxUtilisation' | 'txUtilisation'> {
  return { rxUtilisation: (rxBytes * 8) / speed, txUtilisation: (txBytes * 8) / speed };
}

/**
 * These drivers tell a speed that bounds nothing: veth 10 Gbit/s (drivers/net/veth.c), tun 10 Mbit/s (drivers/net/tun.c), and a bridge that of its
 * fastest port (net/bridge/br_device.c), though what its host and its other ports tell each other goes over none of that.
 */
const SPEEDLESS: ReadonlySet<string> = new Set(['veth', 'tun', 'bridge']);

/**
 * In bits per second. /sys may show another network namespace than that of this process, and an interface of the same name there: its number and
 * hardware address are compared.
 */
async function linkSpeed({ name, index, mac, kind }: CountedInterface, read: ReadText): Promise<number | undefined> {
  if (index === undefined || SPEEDLESS.has(kind ?? '')) return undefined;
  const folder = `/sys/class/net/${name}`;
  const [shownIndex, shownMac, megabits] = await Promise.all(
    ['ifindex', 'address', 'speed'].map((file) => read(`${folder}/${file}`)),
  );
  if (toCount(shownIndex) !== index || shownMac?.trim() !== (mac ?? '')) return undefined;
  // Drivers that do not know say −1 (SPEED_UNKNOWN), or 0, or refuse.
  const speed = toCount(megabits);
  return speed === undefined || NO_SPEED.has(speed) ? undefined : speed * 1_000_000;
}

/** And some say −1 without a sign, in 16 bits or in 32. */
const NO_SPEED: ReadonlySet<number> = new Set([0, 65_535, 4_294_967_295]);
