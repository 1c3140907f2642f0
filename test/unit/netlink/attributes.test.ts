import { describe, expect, it } from 'vitest';
import { AttributeCursor } from '../../../src/netlink/attributes.js';
import { NetlinkDecodeError } from '../../../src/netlink/index.js';
import { RequestWriter } from '../../../src/netlink/request-writer.js';

const HEADER = 16;

/** The attributes alone, as bytes. */
function attributes(fill: (writer: RequestWriter) => RequestWriter): Uint8Array {
  return fill(new RequestWriter(0, 0, 0, 0))
    .finish()
    .slice(HEADER);
}

function cursorOver(bytes: Uint8Array, limit = bytes.length): AttributeCursor {
  return new AttributeCursor(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, limit);
}

describe('AttributeCursor', () => {
  it('finds nothing in an empty list', () => {
    expect(cursorOver(new Uint8Array(0)).next()).toBe(false);
  });

  it('visits every attribute in order, stepping over the padding between them', () => {
    const cursor = cursorOver(attributes((writer) => writer.u8(1, 7).u32(2, 4_000_000_000).u8(3, 9)));
    expect([cursor.next(), cursor.type, cursor.u8()]).toEqual([true, 1, 7]);
    expect([cursor.next(), cursor.type, cursor.u32()]).toEqual([true, 2, 4_000_000_000]);
    expect([cursor.next(), cursor.type, cursor.u8()]).toEqual([true, 3, 9]);
    expect(cursor.next()).toBe(false);
  });

  it('takes a last attribute without its padding', () => {
    const bytes = attributes((writer) => writer.u8(1, 7));
    const cursor = cursorOver(bytes, 5);
    expect([cursor.next(), cursor.u8(), cursor.next()]).toEqual([true, 7, false]);
  });

  it('leaves the flag bits out of the type', () => {
    const cursor = cursorOver(attributes((writer) => writer.u8(0x8000 | 0x4000 | 18, 7)));
    cursor.next();
    expect(cursor.type).toBe(18);
  });

  it('reads signed numbers', () => {
    const cursor = cursorOver(attributes((writer) => writer.u32(1, 2 ** 32 - 1)));
    cursor.next();
    expect(cursor.i32()).toBe(-1);
  });

  it.each([
    ['eth0\0', 'eth0'],
    ['eth0', 'eth0'],
    ['eth0\0behind', 'eth0'],
    ['', ''],
    ['größe\0', 'größe'],
    ['größe\0ü', 'größe'],
  ])('reads the text %j as %j', (raw, text) => {
    const cursor = cursorOver(attributes((writer) => writer.raw(1, Buffer.from(raw))));
    cursor.next();
    expect(cursor.text()).toBe(text);
  });

  it('reads text that is not UTF-8 without failing', () => {
    const cursor = cursorOver(attributes((writer) => writer.raw(1, Uint8Array.of(0x61, 0xff, 0x62))));
    cursor.next();
    expect(cursor.text()).toBe('a\ufffdb');
  });

  it('reads the beginning of a payload that has grown', () => {
    const cursor = cursorOver(attributes((writer) => writer.raw(1, Uint8Array.of(192, 0, 2, 1, 99, 99))));
    cursor.next();
    expect(cursor.ip(4)).toBe('192.0.2.1');
  });

  it('refuses a payload that is too short, and says where', () => {
    const cursor = cursorOver(attributes((writer) => writer.u8(4, 7)));
    cursor.next();
    expect(() => cursor.u32()).toThrow(new NetlinkDecodeError('attribute 4 has fewer than 4 bytes', 4));
  });

  it.each([
    ['shorter than its own header', 3],
    ['longer than the list', 9],
  ])('refuses an attribute that claims to be %s', (_claim, length) => {
    const bytes = attributes((writer) => writer.u32(4, 7));
    new Uint16Array(bytes.buffer, 0, 1)[0] = length;
    expect(() => cursorOver(bytes).next()).toThrow(NetlinkDecodeError);
  });

  it('refuses what is left over when it is too short for an attribute', () => {
    const bytes = attributes((writer) => writer.u32(4, 7).u32(5, 7));
    const cursor = cursorOver(bytes, 10);
    cursor.next();
    expect(() => cursor.next()).toThrow(new NetlinkDecodeError('an attribute header is cut short', 8));
  });
});
