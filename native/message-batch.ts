import type { Libc } from './libc.js';
import { SystemCallError } from './system-call-error.js';

/** One received message. Its buffers are filled anew by the next receive. */
export interface Message {
  /** As much room as a message may take; what is behind `length` is of earlier ones. */
  readonly bytes: Uint8Array;
  readonly length: number;
  /** The sender's socket address; of an error, whom the packet was sent to. */
  readonly address: Uint8Array;
  /** Control messages: see `ControlMessages`. */
  readonly control: DataView;
  readonly controlLength: number;
}

export interface MessageBatchOptions {
  /** How many messages one call receives. @default 32 */
  readonly messages?: number;
  /** The longest message, in bytes. @default 65_536, more than IP carries */
  readonly messageLength?: number;
}

/**
 * Room for several messages, which one recvmmsg(2) fills, with their senders and control messages. It is made once and holds addresses of its
 * own memory; most of that is never touched, and so is never there.
 */
export class MessageBatch {
  readonly messages: readonly Message[];
  readonly #slots: readonly Slot[];
  readonly #headers: DataView;
  readonly #headerBytes: Uint8Array;
  readonly #libc: Libc;
  #used = 0;

  /** @throws {SystemCallError} ENOSYS where a pointer has not 64 bits: the structures are laid out differently there. */
  constructor(libc: Libc, { messages = 32, messageLength = 65_536 }: MessageBatchOptions = {}) {
    if (NARROW.has(process.arch)) throw new SystemCallError('recvmmsg', ENOSYS);
    this.#libc = libc;
    // Above the 64 bytes up to which V8 keeps arrays in its own heap, where it moves them.
    const memory = new ArrayBuffer(messages * (messageLength + SIDE_LENGTH));
    const address = libc.addressOf(new Uint8Array(memory));
    this.#slots = Array.from({ length: messages }, (_, index) =>
      slotIn(memory, address, index, messages, messageLength),
    );
    this.messages = this.#slots;
    this.#headers = new DataView(memory, 0, messages * HEADER_LENGTH);
    this.#headerBytes = new Uint8Array(memory, 0, messages * HEADER_LENGTH);
    for (const [index, slot] of this.#slots.entries()) this.#writeHeader(index * HEADER_LENGTH, slot);
  }

  /**
   * Receives what is there, without waiting.
   *
   * @returns how many of `messages` were filled.
   * @throws {SystemCallError}
   */
  receive(fd: number, flags: number): number {
    for (let index = 0; index < this.#used; index += 1) this.#resetHeader(index * HEADER_LENGTH);
    // Whatever comes of it, the headers are written anew before the next.
    this.#used = this.#slots.length;
    const count = this.#libc.recvmmsg(fd, this.#headerBytes, this.#slots.length, flags | MSG_DONTWAIT);
    this.#used = count;
    for (let index = 0; index < count; index += 1) this.#readHeader(index);
    return count;
  }

  #writeHeader(at: number, slot: Slot): void {
    const headers = this.#headers;
    headers.setBigUint64(at + NAME, slot.addressPointer, LITTLE_ENDIAN);
    headers.setBigUint64(at + VECTOR, slot.vectorPointer, LITTLE_ENDIAN);
    headers.setBigUint64(at + VECTOR_COUNT, 1n, LITTLE_ENDIAN);
    headers.setBigUint64(at + CONTROL, slot.controlPointer, LITTLE_ENDIAN);
    slot.vector.setBigUint64(0, slot.bytesPointer, LITTLE_ENDIAN);
    slot.vector.setBigUint64(8, BigInt(slot.bytes.byteLength), LITTLE_ENDIAN);
    this.#resetHeader(at);
  }

  /** What the kernel overwrites with what it has used. */
  #resetHeader(at: number): void {
    this.#headers.setUint32(at + NAME_LENGTH, ADDRESS_LENGTH, LITTLE_ENDIAN);
    setSize(this.#headers, at + CONTROL_LENGTH, CONTROL_ROOM);
    this.#headers.setInt32(at + FLAGS, 0, LITTLE_ENDIAN);
  }

  #readHeader(index: number): void {
    const slot = this.#slots[index];
    if (slot === undefined) return;
    const at = index * HEADER_LENGTH;
    // The kernel says how much it wrote; no more than there is room for is believed.
    slot.length = Math.min(this.#headers.getUint32(at + LENGTH, LITTLE_ENDIAN), slot.bytes.byteLength);
    slot.controlLength = Math.min(size(this.#headers, at + CONTROL_LENGTH), CONTROL_ROOM);
  }
}

interface Slot extends Message {
  length: number;
  controlLength: number;
  readonly vector: DataView;
  readonly bytesPointer: bigint;
  readonly addressPointer: bigint;
  readonly controlPointer: bigint;
  readonly vectorPointer: bigint;
}

// struct mmsghdr, msghdr and iovec of include/linux/socket.h and include/uapi/linux/uio.h, where a pointer has 64 bits
const HEADER_LENGTH = 64;
const NAME = 0;
const NAME_LENGTH = 8;
const VECTOR = 16;
const VECTOR_COUNT = 24;
const CONTROL = 32;
const CONTROL_LENGTH = 40;
const FLAGS = 48;
const LENGTH = 56;
const VECTOR_LENGTH = 16;

/** struct sockaddr_in6, rounded up to whole words. */
const ADDRESS_LENGTH = 28;
const ADDRESS_ROOM = 32;

/** Time stamp 32, hop limit 24, an error with the address of who sent it 64. */
const CONTROL_ROOM = 256;

/** Per message, beside its bytes. */
const SIDE_LENGTH = HEADER_LENGTH + VECTOR_LENGTH + ADDRESS_ROOM + CONTROL_ROOM;

/** All headers first, as recvmmsg wants them; then what they point to; then the messages' bytes. */
function slotIn(memory: ArrayBuffer, base: bigint, index: number, count: number, messageLength: number): Slot {
  const side = count * HEADER_LENGTH + index * (SIDE_LENGTH - HEADER_LENGTH);
  const addressAt = side + VECTOR_LENGTH;
  const controlAt = addressAt + ADDRESS_ROOM;
  const bytesAt = count * SIDE_LENGTH + index * messageLength;
  return {
    bytes: new Uint8Array(memory, bytesAt, messageLength),
    length: 0,
    address: new Uint8Array(memory, addressAt, ADDRESS_LENGTH),
    control: new DataView(memory, controlAt, CONTROL_ROOM),
    controlLength: 0,
    vector: new DataView(memory, side, VECTOR_LENGTH),
    bytesPointer: base + BigInt(bytesAt),
    addressPointer: base + BigInt(addressAt),
    controlPointer: base + BigInt(controlAt),
    vectorPointer: base + BigInt(side),
  };
}

const NARROW: ReadonlySet<string> = new Set(['arm', 'ia32', 'mips', 'mipsel']);

/** Native byte order. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A size_t below 4 GiB, without a BigInt. */
function setSize(view: DataView, at: number, value: number): void {
  view.setUint32(LITTLE_ENDIAN ? at : at + 4, value, LITTLE_ENDIAN);
}

function size(view: DataView, at: number): number {
  return view.getUint32(LITTLE_ENDIAN ? at : at + 4, LITTLE_ENDIAN);
}

// include/linux/socket.h, include/uapi/asm-generic/errno.h
const MSG_DONTWAIT = 0x40;
const ENOSYS = 38;
