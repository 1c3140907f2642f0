import type { Libc } from './libc.js';

/** What the kernel knows of a TCP connection. A field that the kernel is too old for is absent. */
export interface TcpInfo {
  /** Bytes in a segment that is sent, without headers. */
  readonly sendMss: number;
  /** The smoothed round-trip time of RFC 6298, in milliseconds; absent where none was measured yet. */
  readonly rtt?: number;
  /** How much it varies, in milliseconds. */
  readonly rttVariation: number;
  /** The smallest round-trip time of late (`net.ipv4.tcp_min_rtt_wlen`), in milliseconds. Since Linux 4.6. */
  readonly minRtt?: number;
  /** The congestion window, in segments. */
  readonly congestionWindow: number;
  /** Segments that were sent again, since the connection began. */
  readonly retransmits: number;
  /** Segments with data that were sent, those sent again among them. Since Linux 4.6. */
  readonly dataSegmentsSent?: number;
  /** Bytes that the peer has acknowledged, its SYN counted as one. Since Linux 4.1. */
  readonly bytesAcknowledged?: number;
}

/**
 * Asks the kernel about a TCP connection (tcp(7), TCP_INFO).
 *
 * @throws {SystemCallError} where the descriptor is none of a TCP socket.
 */
export function readTcpInfo(libc: Libc, fd: number): TcpInfo {
  // Older kernels fill less of it, and newer ones no more than they are given room for.
  const bytes = new Uint8Array(ROOM);
  return decodeTcpInfo(bytes.subarray(0, libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes)));
}

/** Reads a `struct tcp_info` (include/uapi/linux/tcp.h) of any length: each kernel version has appended to it. */
export function decodeTcpInfo(bytes: Uint8Array): TcpInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (offset: number): number | undefined =>
    offset + 4 <= view.byteLength ? view.getUint32(offset, LITTLE_ENDIAN) : undefined;
  const rtt = u32(68);
  const minRtt = u32(148);
  const dataSegmentsSent = u32(156);
  return {
    sendMss: u32(16) ?? 0,
    ...(rtt !== undefined && rtt !== 0 && { rtt: rtt / 1_000 }),
    rttVariation: (u32(72) ?? 0) / 1_000,
    ...(minRtt !== undefined && minRtt !== NEVER_MEASURED && { minRtt: minRtt / 1_000 }),
    congestionWindow: u32(80) ?? 0,
    retransmits: u32(100) ?? 0,
    ...(dataSegmentsSent !== undefined && { dataSegmentsSent }),
    ...(view.byteLength >= 128 && { bytesAcknowledged: Number(view.getBigUint64(120, LITTLE_ENDIAN)) }),
  };
}

/** More than `struct tcp_info` has in any kernel so far: 232 bytes in 6.1. */
const ROOM = 512;

// include/uapi/linux/in.h, include/uapi/linux/tcp.h
const IPPROTO_TCP = 6;
const TCP_INFO = 11;

/** The running minimum begins with the largest number (net/ipv4/tcp.c, `minmax_reset(&tp->rtt_min, …, ~0U)`). */
const NEVER_MEASURED = 0xffff_ffff;

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
