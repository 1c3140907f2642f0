/**
 * Takes the messages out of a byte stream, each behind its length of two bytes (RFC 1035 section 4.2.2), however they are cut. It keeps one
 * message at most, and copies each byte once.
 */
export class FrameReader {
  #length: number | undefined;
  /** The first byte of a length whose second has not come. */
  #upper: number | undefined;
  #frame = Buffer.alloc(0);
  #filled = 0;

  *read(chunk: Buffer): Generator<Buffer> {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#length === undefined) {
        this.#readLength(chunk.readUInt8(offset));
        offset += 1;
      } else {
        const copied = chunk.copy(this.#frame, this.#filled, offset);
        this.#filled += copied;
        offset += copied;
      }
      if (this.#filled === this.#length) yield this.#take();
    }
  }

  #readLength(byte: number): void {
    if (this.#upper === undefined) {
      this.#upper = byte;
      return;
    }
    this.#length = (this.#upper << 8) | byte;
    this.#upper = undefined;
    this.#frame = Buffer.allocUnsafeSlow(this.#length);
  }

  #take(): Buffer {
    this.#length = undefined;
    this.#filled = 0;
    return this.#frame;
  }
}
