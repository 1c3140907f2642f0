import type { Libc } from './libc.js';

/**
 * The clock by which the kernel stamps packets, in milliseconds since this object was made: small numbers, in which a double keeps nanoseconds.
 * It jumps when the wall clock is set.
 */
export class KernelClock {
  readonly #libc: Libc;
  readonly #epoch = Math.floor(Date.now() / 1000);
  readonly #time = new DataView(new ArrayBuffer(128));
  readonly #timeBytes = new Uint8Array(this.#time.buffer);

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  now(): number {
    this.#libc.readClock(CLOCK_REALTIME, this.#timeBytes);
    // struct timespec of 64-bit systems; the lower half of the seconds lasts until 2106.
    const seconds = this.#time.getUint32(LITTLE_ENDIAN ? 0 : 4, LITTLE_ENDIAN);
    return this.at(seconds, this.#time.getUint32(LITTLE_ENDIAN ? 8 : 12, LITTLE_ENDIAN));
  }

  /** What `now()` would have been at a time of the same clock. */
  at(seconds: number, nanoseconds: number): number {
    return (seconds - this.#epoch) * 1000 + nanoseconds / 1e6;
  }
}

/** include/uapi/linux/time.h */
const CLOCK_REALTIME = 0;

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
