import type { InterfaceStatistics } from '../../monitor/index.js';
import { type Link, loadNative, RequestClient } from '../../netlink/index.js';
import type { ReadText } from './proc-files.js';

/** One reading of an interface. */
export interface CountedInterface {
  readonly name: string;
  /** Absent where netlink is not to be had. */
  readonly index?: number;
  readonly mac?: string;
  /** The driver's kind for virtual ones, where it is known. */
  readonly kind?: string;
  readonly counters: InterfaceStatistics;
}

/** All interfaces at one moment. */
export interface CounterReading {
  /** By `performance.now()`. */
  readonly at: number;
  readonly interfaces: readonly CountedInterface[];
}

/** Reads the counters of all interfaces, as often as it is asked. */
export interface CounterSource {
  read(): Promise<CounterReading>;
  close(): void;
}

/** By netlink; where that is not to be had, by /proc/net/dev, which as well belongs to the network namespace of this process. */
export async function openCounters(read: ReadText): Promise<CounterSource> {
  const client = await openClient();
  return client === undefined ? new ProcCounters(read) : new NetlinkCounters(client, new ProcCounters(read));
}

async function openClient(): Promise<RequestClient | undefined> {
  const native = await loadNative();
  if (!native.supported) return undefined;
  try {
    return new RequestClient(native.libc);
  } catch {
    // A sandbox without netlink sockets.
    return undefined;
  }
}

function countLink({ name, index, mac, kind, statistics }: Link): readonly CountedInterface[] {
  if (statistics === undefined) return [];
  const { rx, tx } = statistics;
  const counters = {
    rxBytes: rx.bytes,
    txBytes: tx.bytes,
    rxPackets: rx.packets,
    txPackets: tx.packets,
    rxErrors: rx.errors,
    txErrors: tx.errors,
    rxDropped: rx.dropped,
    txDropped: tx.dropped,
  };
  return [{ name, index, counters, ...(mac !== undefined && { mac }), ...(kind !== undefined && { kind }) }];
}

class NetlinkCounters implements CounterSource {
  readonly #client: RequestClient;
  readonly #otherwise: CounterSource;

  constructor(client: RequestClient, otherwise: CounterSource) {
    this.#client = client;
    this.#otherwise = otherwise;
  }

  async read(): Promise<CounterReading> {
    try {
      const interfaces = this.#client.dumpLinks().entries.flatMap(countLink);
      return { at: performance.now(), interfaces };
    } catch {
      // A sandbox that grants the socket, and refuses what is asked by it.
      return this.#otherwise.read();
    }
  }

  close(): void {
    this.#client.close();
  }
}

class ProcCounters implements CounterSource {
  readonly #read: ReadText;

  constructor(read: ReadText) {
    this.#read = read;
  }

  async read(): Promise<CounterReading> {
    const text = (await this.#read('/proc/net/dev')) ?? '';
    return { at: performance.now(), interfaces: parseDevices(text) };
  }

  close(): void {}
}

/** Two lines of headings, and then for each interface eight counters of what came in and eight of what went out (net/core/net-procfs.c). */
export function parseDevices(text: string): readonly CountedInterface[] {
  return text.split('\n').flatMap((line) => {
    const [, name, list = ''] = /^ *([^:|\s]+): *(.+)$/.exec(line) ?? [];
    const numbers = list.trim().split(/ +/).map(Number);
    const [rxBytes, rxPackets, rxErrors, rxDropped] = numbers;
    const [txBytes, txPackets, txErrors, txDropped] = numbers.slice(8);
    if (name === undefined || rxBytes === undefined || rxPackets === undefined || rxErrors === undefined) return [];
    if (rxDropped === undefined || txBytes === undefined || txPackets === undefined || txErrors === undefined)
      return [];
    if (txDropped === undefined || !numbers.every(Number.isFinite)) return [];
    return [{ name, counters: { rxBytes, txBytes, rxPackets, txPackets, rxErrors, txErrors, rxDropped, txDropped } }];
  });
}
