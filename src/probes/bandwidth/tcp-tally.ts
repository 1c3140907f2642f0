import type { Socket } from 'node:net';
import { type Libc, loadNative, readTcpInfo, type TcpInfo } from '../../../native/index.js';

/** What the sender's kernel told of the connections of one direction (TCP_INFO of tcp(7)). */
export interface TcpSummary {
  /** Segments that were sent again, over all streams. */
  readonly retransmits: number;
  /** Which fraction of the segments with data that is, 0 to 1. Absent where the kernel does not count those (before Linux 4.6). */
  readonly retransmitRatio?: number;
  /** The smoothed round-trip times that were read every 100 ms, in milliseconds: what the link's queue makes of them under load. */
  readonly rtt?: {
    /** The smallest. */
    readonly min: number;
    /** Their mean. */
    readonly mean: number;
    /** The largest. */
    readonly max: number;
  };
  /** The largest congestion window of any stream, in segments. */
  readonly congestionWindow: number;
  /** Bytes in a full segment, without headers. */
  readonly mss: number;
}

/** Reads TCP_INFO of sockets. Where the kernel cannot be asked, there is nothing to read, and nothing fails. */
export type ReadTcp = (socket: Socket) => TcpInfo | undefined;

/** How sockets are read here. */
export async function tcpReader(): Promise<ReadTcp> {
  const native = await loadNative();
  if (!native.supported) return () => undefined;
  return (socket) => readSocket(native.libc, socket);
}

function readSocket(libc: Libc, socket: Socket): TcpInfo | undefined {
  const fd = descriptorOf(socket);
  if (fd === undefined) return undefined;
  try {
    return readTcpInfo(libc, fd);
  } catch {
    return undefined;
  }
}

/** Node.js has no public name for it: its handle for a pipe or a TCP connection has the descriptor, and −1 once that is closed (src/stream_base.cc). */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const fd: unknown = Reflect.get(handle, 'fd');
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

/** Sums up what was read of several connections over time. */
export class TcpTally {
  readonly #last = new Map<object, TcpInfo>();
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  #congestionWindow = 0;

  /** @param stream whose reading it is: counters of one stream replace each other, and those of several add up. */
  add(stream: object, info: TcpInfo): void {
    this.#last.set(stream, info);
    this.#congestionWindow = Math.max(this.#congestionWindow, info.congestionWindow);
    if (info.rtt === undefined) return;
    this.#count += 1;
    this.#sum += info.rtt;
    this.#min = Math.min(this.#min, info.rtt);
    this.#max = Math.max(this.#max, info.rtt);
  }

  /** Absent where nothing was ever read. */
  summary(): TcpSummary | undefined {
    const last = [...this.#last.values()];
    if (last.length === 0) return undefined;
    const retransmits = sum(last.map((info) => info.retransmits));
    const segments = sum(last.map((info) => info.dataSegmentsSent ?? 0));
    return {
      retransmits,
      ...(segments > 0 && { retransmitRatio: retransmits / segments }),
      ...(this.#count > 0 && { rtt: { min: this.#min, mean: this.#sum / this.#count, max: this.#max } }),
      congestionWindow: this.#congestionWindow,
      mss: Math.max(...last.map((info) => info.sendMss)),
    };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
