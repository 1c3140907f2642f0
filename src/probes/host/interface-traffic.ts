import type { InterfaceStatistics } from '../../monitor/index.js';
import type { InterfaceTraffic } from './host-facts.js';
import { type ReadText, toCount } from './proc-files.js';
import type { CountedInterface, CounterReading } from './traffic-counters.js';

/** Reading a speed opens files and asks the driver: of thousands of interfaces, no more than these do so at a time. */
const MOST_AT_ONCE = 8;

/**
 * What the interfaces carried between two readings.
 *
 * @param names of the interfaces that are wanted; all where there are none.
 */
export async function interfaceTraffic(
  before: CounterReading,
  after: CounterReading,
  read: ReadText,
  names?: readonly string[],
): Promise<readonly InterfaceTraffic[]> {
  const seconds = (after.at - before.at) / 1000;
  const earlier = new Map(before.interfaces.map((each) => [identityOf(each), each.counters]));
  const wanted = names === undefined ? after.interfaces : after.interfaces.filter(({ name }) => names.includes(name));
  const traffic: InterfaceTraffic[] = [];
  const queue = wanted.entries();
  const work = async (): Promise<void> => {
    for (const [position, now] of queue) {
      const counters = earlier.get(identityOf(now));
      const rates = counters && ratesOf(counters, now.counters, seconds);
      traffic[position] = trafficOf(now, rates, await linkSpeed(now, read));
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
  return traffic;
}

/** By its number an interface is known by another name, too. */
function identityOf({ name, index }: CountedInterface): string | number {
  return index ?? name;
}

function trafficOf(
  { name, index, counters }: CountedInterface,
  rates: InterfaceStatistics | undefined,
  speed: number | undefined,
): InterfaceTraffic {
  return {
    name,
    ...(index !== undefined && { index }),
    counters,
    ...(rates !== undefined && { rates }),
    ...(speed !== undefined && { speed }),
    ...(rates !== undefined && speed !== undefined && utilisation(rates, speed)),
  };
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

/**
 * Headers of the link layer count in the bytes, preamble and gap of Ethernet do not: a full link comes to a little less than 1. Drivers that count
 * only now and then can put the bytes of a longer time into one interval, and no link carries more than it can.
 */
function utilisation(
  { rxBytes, txBytes }: InterfaceStatistics,
  speed: number,
): Pick<InterfaceTraffic, 'rxUtilisation' | 'txUtilisation'> {
  return { rxUtilisation: Math.min(1, (rxBytes * 8) / speed), txUtilisation: Math.min(1, (txBytes * 8) / speed) };
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
  // Drivers that do not know say −1 (SPEED_UNKNOWN), or 0, or refuse.
  const speed = toCount(await read(`${folder}/speed`));
  if (speed === undefined || NO_SPEED.has(speed)) return undefined;
  const [shownIndex, shownMac] = await Promise.all([read(`${folder}/ifindex`), read(`${folder}/address`)]);
  return toCount(shownIndex) === index && shownMac?.trim() === (mac ?? '') ? speed * 1_000_000 : undefined;
}

/** And some say −1 without a sign, in 16 bits or in 32. */
const NO_SPEED: ReadonlySet<number> = new Set([0, 65_535, 4_294_967_295]);
