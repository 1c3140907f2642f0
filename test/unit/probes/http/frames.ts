/** RFC 9113 section 4.1. */
export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = frame(4, 0, 0);
export const SETTINGS_ACK = frame(4, 1, 0);
export const GOAWAY = 7;
export const CONTINUATION = 9;
export const END_HEADERS = 4;
export const END_STREAM = 1;
/** `:status: 200`, index 8 of the static table (RFC 7541 appendix A). */
export const STATUS_200 = Buffer.from([0x88]);

export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

/** SETTINGS that let the client send all that it has (INITIAL_WINDOW_SIZE is 4), and a WINDOW_UPDATE to the same end. */
export const WIDE_OPEN = Buffer.concat([
  frame(4, 0, 0, Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff])),
  frame(8, 0, 0, numbers(0x7f_00_00_00)),
]);

/** Fields without an end: each with incremental indexing, name "a", value of 100 bytes. */
export const PART_OF_HEADERS = frame(
  HEADERS,
  0,
  1,
  Buffer.concat([
    STATUS_200,
    ...Array.from({ length: 20 }, () =>
      Buffer.concat([Buffer.from([0x40, 0x01, 0x61, 0x64]), Buffer.alloc(100, 0x62)]),
    ),
  ]),
);
