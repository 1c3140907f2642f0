import { interfaceFlags } from './interface-flags.js';
import type { InterfaceStatistics, LinkFacts, NetworkInterface, OperState } from './kernel-view.js';
import type { SystemFiles } from './system-files.js';

const FOLDER = '/sys/class/net';

type Links = ReadonlyMap<number, LinkFacts>;

/** The links by /sys/class/net. @throws {Error} where that cannot be read. */
export function readLinks(files: SystemFiles, before: Links = new Map()): Links {
  const links = new Map<number, LinkFacts>();
  for (const name of readNames(files)) {
    const link = readLink(files, name, before);
    if (link !== undefined) links.set(link.index, link);
  }
  return links;
}

/** One link; undefined where there is none of that name (or something else: `bonding_masters` lies beside the links). */
export function readLink(files: SystemFiles, name: string, before: Links = new Map()): LinkFacts | undefined {
  const read = (file: string) => files.text(`${FOLDER}/${name}/${file}`)?.trim();
  const index = toNumber(read('ifindex'));
  const flags = toNumber(read('flags'));
  if (index === undefined || flags === undefined) return undefined;
  const carrierDownCount = toNumber(read('carrier_down_count'));
  const kind = /^DEVTYPE=(.+)$/m.exec(read('uevent') ?? '')?.[1];
  const master = toNumber(read('master/ifindex'));
  const lower = readLower(files, name, index);
  const adminUp = (flags & IFF_UP) !== 0;
  return {
    index,
    name,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    adminUp,
    // Reading it has the kernel take note of a change that it would otherwise tell of up to a second later (linkwatch_sync_dev).
    carrier: stillHasCarrier(before.get(index), { name, adminUp, carrierDownCount }) || read('carrier') === '1',
    operState: toOperState(read('operstate')),
    ...(carrierDownCount !== undefined && { carrierDownCount }),
    ...(kind !== undefined && { kind }),
    ...(master !== undefined && { master }),
    ...(lower !== undefined && { lower }),
  };
}

/**
 * Whether a link that had its carrier has not lost it since, as far as its losses are counted. To read the carrier itself means to wait until
 * nobody configures any network of the machine (RTNL); the count is there without waiting, and is right at once.
 */
function stillHasCarrier(
  before: LinkFacts | undefined,
  now: Pick<LinkFacts, 'name' | 'adminUp'> & { readonly carrierDownCount: number | undefined },
): boolean {
  if (before?.carrier !== true || !before.adminUp || !now.adminUp) return false;
  return (
    before.name === now.name && now.carrierDownCount !== undefined && now.carrierDownCount === before.carrierDownCount
  );
}

/**
 * The link that one is a VLAN, a macvlan or the like of. `iflink` names it, but may mean a link of another namespace, or the other end of a veth
 * pair, which nothing lies on. What does lie under a link, and is in the same namespace, has a `lower_…` beside (netdev_adjacent_sysfs_add
 * of net/core/dev.c).
 */
function readLower(files: SystemFiles, name: string, index: number): number | undefined {
  const folder = `${FOLDER}/${name}`;
  const linked = toNumber(files.text(`${folder}/iflink`)?.trim());
  // Most links lie on nothing, and then it is their own number; so it is for bridges and bonds, whose ports name them as `master`.
  if (linked === undefined || linked === index) return undefined;
  const under = files.names(folder)?.filter((each) => each.startsWith('lower_')) ?? [];
  return under.some((each) => toNumber(files.text(`${folder}/${each}/ifindex`)?.trim()) === linked)
    ? linked
    : undefined;
}

/** What users are told of a link beyond what the judgement needs, but for its addresses. */
export function describeLink(files: SystemFiles, link: LinkFacts): Omit<NetworkInterface, 'addresses'> {
  const read = (file: string) => files.text(`${FOLDER}/${link.name}/${file}`)?.trim();
  const mac = read('address');
  const mtu = toNumber(read('mtu'));
  const statistics = readStatistics(files, link.name);
  return {
    name: link.name,
    index: link.index,
    ...(mac !== undefined && mac !== '' && { mac }),
    ...(mtu !== undefined && { mtu }),
    flags: interfaceFlags((toNumber(read('flags')) ?? 0) | derivedFlags(link)),
    operState: link.operState,
    carrier: link.carrier,
    ...(statistics !== undefined && { statistics }),
  };
}

/** What the kernel adds to the flags when it is asked by other ways (dev_get_flags of net/core/dev.c). */
function derivedFlags({ adminUp, carrier, operState }: LinkFacts): number {
  if (!adminUp || !carrier) return 0;
  return IFF_LOWER_UP | (operState === 'up' || operState === 'unknown' ? IFF_RUNNING : 0);
}

/** Whatever lies in /sys/class/net, most of it links. @throws {Error} where that cannot be read. */
export function readNames(files: SystemFiles): readonly string[] {
  const names = files.names(FOLDER);
  if (names === undefined) throw new Error(`there is no ${FOLDER}`);
  return names;
}

/** The counters of a link; undefined where there is none of that name. */
export function readStatistics(files: SystemFiles, name: string): InterfaceStatistics | undefined {
  const read = (counter: string) => toNumber(files.text(`${FOLDER}/${name}/statistics/${counter}`)?.trim());
  const rxBytes = read('rx_bytes');
  if (rxBytes === undefined) return undefined;
  return {
    rxBytes,
    txBytes: read('tx_bytes') ?? 0,
    rxPackets: read('rx_packets') ?? 0,
    txPackets: read('tx_packets') ?? 0,
    rxErrors: read('rx_errors') ?? 0,
    txErrors: read('tx_errors') ?? 0,
    rxDropped: read('rx_dropped') ?? 0,
    txDropped: read('tx_dropped') ?? 0,
  };
}

// include/uapi/linux/if.h
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFF_LOWER_UP = 0x1_0000;

function toNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function toOperState(text: string | undefined): OperState {
  return OPER_STATES.find((each) => each === text) ?? 'unknown';
}

/** As operstate_show of net/core/net-sysfs.c spells them. */
const OPER_STATES = ['notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'] as const;
