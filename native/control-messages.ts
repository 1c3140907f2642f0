/**
 * Reads the control messages of a received packet (cmsg(3)): when the kernel received it, its time to live, and of an error (ip(7), IP_RECVERR)
 * what it says and who said it. One reader reads one message after another into the same fields, so that nothing is allocated.
 */
export class ControlMessages {
  /** When the packet was received, by CLOCK_REALTIME: seconds, and nanoseconds beside; −1 where the kernel did not say. */
  seconds = -1;
  nanoseconds = -1;
  /** Time to live or hop limit of the packet; −1 where the kernel did not say. */
  hopLimit = -1;
  /** The kernel's number for the error; 0 where there is none. */
  errno = 0;
  /** Where the error comes from: see {@link ERROR_ORIGIN}. */
  origin = 0;
  /** ICMP's type and code, and what else it says: for "too big" the MTU. */
  type = 0;
  code = 0;
  info = 0;
  /** Where in the quoted packet the extensions of RFC 4884 begin; 0 where there are none, or the kernel was not asked for them. */
  extensionsAt = 0;
  /** Who sent the error: 4 or 16 bytes of `offender`; 0 where nobody is named. */
  offenderLength: 0 | 4 | 16 = 0;
  readonly offender = new Uint8Array(16);

  /** Takes whatever bytes it is given: what does not parse is left out. */
  read(control: DataView, length: number): void {
    this.#forget();
    const end = Math.min(length, control.byteLength);
    for (let at = 0; at + CMSG_HEADER_LENGTH <= end; ) {
      const messageLength = readSize(control, at);
      if (messageLength < CMSG_HEADER_LENGTH || at + messageLength > end) return;
      this.#readOne(control, at, messageLength - CMSG_HEADER_LENGTH);
      at += Math.ceil(messageLength / ALIGNMENT) * ALIGNMENT;
    }
  }

  #forget(): void {
    this.seconds = -1;
    this.nanoseconds = -1;
    this.hopLimit = -1;
    this.errno = 0;
    this.origin = 0;
    this.type = 0;
    this.code = 0;
    this.info = 0;
    this.extensionsAt = 0;
    this.offenderLength = 0;
  }

  #readOne(control: DataView, start: number, length: number): void {
    const level = control.getInt32(start + 8, LITTLE_ENDIAN);
    const type = control.getInt32(start + 12, LITTLE_ENDIAN);
    const at = start + CMSG_HEADER_LENGTH;
    if (level === SOL_SOCKET && type === SCM_TIMESTAMPNS) {
      if (length >= 16) this.#readTime(control, at);
    } else if ((level === SOL_IP && type === IP_TTL) || (level === SOL_IPV6 && type === IPV6_HOPLIMIT)) {
      if (length >= 4) this.hopLimit = control.getInt32(at, LITTLE_ENDIAN);
    } else if ((level === SOL_IP && type === IP_RECVERR) || (level === SOL_IPV6 && type === IPV6_RECVERR)) {
      if (length >= EXTENDED_ERROR_LENGTH) this.#readError(control, at, length);
    }
  }

  /** struct timespec, whose seconds have 64 bits: their lower part lasts until 2106. */
  #readTime(control: DataView, at: number): void {
    this.seconds = readSize(control, at);
    this.nanoseconds = readSize(control, at + 8);
  }

  /** struct sock_extended_err of include/uapi/linux/errqueue.h, and behind it the socket address of the offender. */
  #readError(control: DataView, at: number, length: number): void {
    this.errno = control.getUint32(at, LITTLE_ENDIAN);
    this.origin = control.getUint8(at + 4);
    this.type = control.getUint8(at + 5);
    this.code = control.getUint8(at + 6);
    this.info = control.getUint32(at + 8, LITTLE_ENDIAN);
    // struct sock_ee_data_rfc4884, since Linux 5.9; 0 before.
    this.extensionsAt = control.getUint16(at + 12, LITTLE_ENDIAN);
    if (length < EXTENDED_ERROR_LENGTH + 2) return;
    const address = at + EXTENDED_ERROR_LENGTH;
    const family = control.getUint16(address, LITTLE_ENDIAN);
    if (family === AF_INET && length >= EXTENDED_ERROR_LENGTH + 8) this.#copyOffender(control, address + 4, 4);
    if (family === AF_INET6 && length >= EXTENDED_ERROR_LENGTH + 24) this.#copyOffender(control, address + 8, 16);
  }

  #copyOffender(control: DataView, at: number, length: 4 | 16): void {
    for (let index = 0; index < length; index += 1) this.offender[index] = control.getUint8(at + index);
    this.offenderLength = length;
  }
}

/** SO_EE_ORIGIN_… of include/uapi/linux/errqueue.h: this host itself, or ICMP. */
export const ERROR_ORIGIN = { local: 1, icmp: 2, icmp6: 3 } as const;

// include/linux/socket.h, include/uapi/asm-generic/socket.h, include/uapi/linux/in.h, in6.h
const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_IPV6 = 41;
const SCM_TIMESTAMPNS = 35;
const IP_TTL = 2;
const IP_RECVERR = 11;
const IPV6_RECVERR = 25;
const IPV6_HOPLIMIT = 52;
const AF_INET = 2;
const AF_INET6 = 10;

/** struct cmsghdr where a size has 64 bits: length, level, type. */
const CMSG_HEADER_LENGTH = 16;
const ALIGNMENT = 8;
const EXTENDED_ERROR_LENGTH = 16;

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The lower half of 64 bits; with anything in the upper half, more than any length allows. */
function readSize(view: DataView, at: number): number {
  const low = view.getUint32(LITTLE_ENDIAN ? at : at + 4, LITTLE_ENDIAN);
  const high = view.getUint32(LITTLE_ENDIAN ? at + 4 : at, LITTLE_ENDIAN);
  return high === 0 ? low : Number.MAX_SAFE_INTEGER;
}
