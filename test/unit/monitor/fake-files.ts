import type { OpenFile, SystemFiles } from '../../../src/monitor/system-files.js';

/** A host's files in memory: those of a host with one uplink, as Linux 6.18 shows them, until a test changes them. */
export class FakeFiles implements SystemFiles {
  readonly texts = new Map<string, string>();
  /** Files that cannot be read at this moment. */
  readonly broken = new Map<string, Error>();
  readonly read: string[] = [];

  constructor() {
    this.addLink('lo', LO);
    this.addLink('eth0', ETH0);
    this.texts.set('/proc/net/route', ROUTE4_HEADING + DEFAULT4 + CONNECTED4);
    this.texts.set('/proc/net/fib_triestat', FIB_TRIESTAT);
    this.texts.set('/proc/net/fib_trie', FIB_TRIE);
    this.texts.set('/proc/net/ipv6_route', ROUTE6);
    this.texts.set('/proc/net/if_inet6', IF_INET6);
  }

  text(path: string, limit = Number.POSITIVE_INFINITY): string | undefined {
    this.read.push(path);
    const error = this.broken.get(path);
    if (error !== undefined) throw error;
    const text = path === '/proc/net/dev' ? this.#devices() : this.texts.get(path);
    return text !== undefined && text.length > limit ? undefined : text;
  }

  /** Files that are open. */
  readonly opened = new Set<string>();

  open(path: string): OpenFile | undefined {
    if (this.text(path) === undefined) return undefined;
    this.opened.add(path);
    return { text: () => this.text(path), close: () => void this.opened.delete(path) };
  }

  names(path: string): readonly string[] | undefined {
    const error = this.broken.get(path);
    if (error !== undefined) throw error;
    const names = [...this.texts.keys()]
      .filter((each) => each.startsWith(`${path}/`))
      .map((each) => each.slice(path.length + 1).split('/')[0] ?? '');
    return names.length === 0 ? undefined : [...new Set(names)];
  }

  /** What /proc/net/dev counts: as /sys does, unless told otherwise, and of the same interfaces. */
  devices: ReadonlyMap<string, number> | undefined;

  addLink(name: string, files: Readonly<Record<string, string>>): void {
    for (const [file, text] of Object.entries({ ...COUNTERS, ...files })) {
      this.texts.set(`/sys/class/net/${name}/${file}`, `${text}\n`);
    }
  }

  setLink(name: string, files: Readonly<Record<string, string | undefined>>): void {
    for (const [file, text] of Object.entries(files)) {
      const path = `/sys/class/net/${name}/${file}`;
      if (text === undefined) this.texts.delete(path);
      else this.texts.set(path, `${text}\n`);
    }
  }

  removeLink(name: string): void {
    for (const path of [...this.texts.keys()]) {
      if (path.startsWith(`/sys/class/net/${name}/`)) this.texts.delete(path);
    }
  }

  pullCable(): void {
    this.setLink('eth0', { carrier: '0', operstate: 'down', carrier_down_count: '2' });
  }

  plugIn(): void {
    this.setLink('eth0', { carrier: '1', operstate: 'up' });
  }

  /** Every route but that to the own subnet. */
  loseDefaultRoute(): void {
    this.texts.set('/proc/net/route', ROUTE4_HEADING + CONNECTED4);
  }

  findDefaultRoute(): void {
    this.texts.set('/proc/net/route', ROUTE4_HEADING + DEFAULT4 + CONNECTED4);
  }

  #devices(): string {
    const names = this.names('/sys/class/net') ?? [];
    const devices = this.devices ?? new Map(names.map((name) => [name, 1_000]));
    const lines = [...devices].map(
      ([name, count]) => `${name.padStart(6)}: ${count} 10 0 0 0 0 0 0 ${count} 10 0 0 0 0 0 0`,
    );
    return `${DEV_HEADINGS}${lines.join('\n')}\n`;
  }
}

const COUNTERS = {
  'statistics/rx_bytes': '1000',
  'statistics/tx_bytes': '1000',
  'statistics/rx_packets': '10',
  'statistics/tx_packets': '10',
  'statistics/rx_errors': '0',
  'statistics/tx_errors': '0',
  'statistics/rx_dropped': '3',
  'statistics/tx_dropped': '0',
};

const LO = {
  ifindex: '1',
  flags: '0x9',
  carrier: '1',
  operstate: 'unknown',
  carrier_down_count: '0',
  uevent: 'INTERFACE=lo\nIFINDEX=1',
  address: '00:00:00:00:00:00',
  mtu: '65536',
};

const ETH0 = {
  ifindex: '3',
  flags: '0x1003',
  carrier: '1',
  operstate: 'up',
  carrier_down_count: '1',
  uevent: 'INTERFACE=eth0\nIFINDEX=3',
  address: '02:00:00:00:00:01',
  mtu: '1500',
};

const DEV_HEADINGS = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

/** Each line is filled up to 127 characters. */
const line = (text: string) => `${text.padEnd(127)}\n`;

export const ROUTE4_HEADING = line(
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
);
export const DEFAULT4 = line('eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0');
export const CONNECTED4 = line('eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0');
export const THROW4 = line('*\t000012C6\t00000000\t0001\t0\t0\t0\t0000FEFF\t0\t0\t0');
export const BLACKHOLE4 = line('*\t006433C6\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0');
export const UNREACHABLE4 = line('*\t007100CB\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0');
export const PROHIBIT4 = line('*\t807100CB\t00000000\t0201\t0\t0\t0\t80FFFFFF\t0\t0\t0');

export const ROUTE6 = `20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
20010db8beef00000000000000000000 30 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 00200200       lo
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 20010db8000000000000000000000001 00000200 00000001 00000000 00000003     eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001       lo
20010db8000000000000000000000010 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001     eth0
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

const IF_INET6 = `fe80000000000000000000fffe000001 03 40 20 c0     eth0
00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000010 03 40 00 82     eth0
`;

/** As without any rules, where both tables are one and are shown twice. */
const TABLE_STATISTICS = `	Aver depth:     2.90
	Max depth:      4
	Leaves:         11
	Prefixes:       11
	Internal nodes: 8
	  1: 1  2: 6  3: 1
	Pointers: 34
Null ptrs: 16
Total size: 2  kB
`;
const TRIE_HEADING = 'Basic info: size of leaf: 48 bytes, size of tnode: 40 bytes.\n';
export const FIB_TRIESTAT = `${TRIE_HEADING}Main:\n${TABLE_STATISTICS}Local:\n${TABLE_STATISTICS}`;
export const FIB_TRIESTAT_WITH_TABLE_100 = `${TRIE_HEADING}Id 100:\n${TABLE_STATISTICS}Main:\n${TABLE_STATISTICS}`;
export const FIB_TRIESTAT_WITH_EMPTY_TABLE = `${TRIE_HEADING}Id 77:
	Aver depth:     0.00
	Max depth:      0
	Leaves:         0
	Prefixes:       0
	Internal nodes: 0
	
	Pointers: 0
Null ptrs: 0
Total size: 0  kB
Main:
${TABLE_STATISTICS}`;

const TRIE = `  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.0.0.0/4 2 0 1
        +-- 192.0.2.0/24 2 0 2
           +-- 192.0.2.0/28 2 0 2
              |-- 192.0.2.0
                 /24 link UNICAST
              |-- 192.0.2.10
                 /32 host LOCAL
           |-- 192.0.2.255
              /32 link BROADCAST
`;
export const FIB_TRIE = `Main:\n${TRIE}Local:\n${TRIE}`;
