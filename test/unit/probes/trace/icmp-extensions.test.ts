import { describe, expect, it } from 'vitest';
import { ControlMessages } from '../../../../native/index.js';
import { internetChecksum } from '../../../../src/probes/ping/icmp-echo.js';
import { readIcmpError } from '../../../../src/probes/trace/icmp-answer.js';
import { decodeMplsLabels } from '../../../../src/probes/trace/icmp-extensions.js';

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

/** With a checksum that is right. */
function extension(...objects: readonly number[]): Uint8Array {
  const bytes = Uint8Array.from([0x20, 0, 0, 0, ...objects]);
  new DataView(bytes.buffer).setUint16(2, internetChecksum(bytes, bytes.length));
  return bytes;
}

const labelsOf = (bytes: Uint8Array, at = 0) => decodeMplsLabels(bytes, at, bytes.length);

describe('the MPLS labels of an ICMP error', () => {
  it('are read from an extension header and an object as RFC 4884 and RFC 4950 draw them', () => {
    // Version 2 and checksum; 8 bytes of class 1, type 1; label 24014, traffic class 0, bottom of the stack, TTL 1.
    expect(labelsOf(bytesOf('2000 f818 0008 0101 05dc e101'))).toEqual([
      { label: 24_014, trafficClass: 0, bottom: true, ttl: 1 },
    ]);
  });

  it.each([
    ['second', 'a54c', 'f76f', '829b', 'c55f', '18960101', 100_704],
    ['eighth', 'a54f', 'f76c', '829e', 'c4e4', '19110101', 102_672],
  ])('are read from the %s packet of a capture', (_, id, sum, port, checksum, entry, label) => {
    // Time exceeded, of two routers in a capture of June 2004: tests/mpls-traceroute.pcap of tcpdump, which reads these labels in it too.
    const quoted = `45000028${id}00000111${sum}0c0404040c010101 a54b${port}00140000`;
    const error = bytesOf(`${quoted} ${'00'.repeat(100)} 2000${checksum} 00080101${entry}`);
    const control = Object.assign(new ControlMessages(), { type: 11, code: 0, offenderLength: 4 });
    control.offender.set([10, 5, 0, 1]);
    // The kernel takes both headers away.
    const bytes = error.subarray(28);
    const message = {
      bytes,
      length: bytes.length,
      address: new Uint8Array(28),
      control: new DataView(new ArrayBuffer(0)),
      controlLength: 0,
    };
    expect(readIcmpError(message, control, { family: 4, target: '12.1.1.1', hiddenHeader: 8 })).toEqual({
      from: '10.5.0.1',
      kind: 'hop',
      mpls: [{ label, trafficClass: 0, bottom: true, ttl: 1 }],
    });
  });

  it('are all of a stack, and come behind other objects', () => {
    const bytes = extension(0, 6, 9, 9, 1, 2, 0, 12, 1, 1, 0xff, 0xff, 0xfe, 0xff, 0, 0, 1, 1);
    expect(labelsOf(bytes)).toEqual([
      { label: 0xfffff, trafficClass: 7, bottom: false, ttl: 255 },
      { label: 0, trafficClass: 0, bottom: true, ttl: 1 },
    ]);
  });

  it('are found where they begin', () => {
    const bytes = Uint8Array.from([9, 9, 9, 9, ...extension(0, 8, 1, 1, 0, 1, 1, 1)]);
    expect(labelsOf(bytes, 4)).toEqual([{ label: 16, trafficClass: 0, bottom: true, ttl: 1 }]);
    expect(labelsOf(bytes, 3)).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['a header alone', '2000 dfff'],
    ['another version', '1000 10818 0008 0101 05dc e101'],
    ['a wrong checksum', '2000 f819 0008 0101 05dc e101'],
    ['no checksum', '2000 0000 0008 0101 05dc e101'],
    ['a cut header', '2000 9a'],
  ])('are none of %s', (_, hex) => {
    expect(labelsOf(bytesOf(hex))).toEqual([]);
  });

  it.each([
    ['an object that is longer than there is', [0, 12, 1, 1, 0, 0, 1, 1]],
    ['an object of no length', [0, 0, 1, 1, 0, 0, 1, 1]],
    ['an object that is shorter than its header', [0, 3, 1, 1, 0, 0, 1, 1]],
    ['another class', [0, 8, 2, 1, 0, 0, 1, 1]],
    ['another type', [0, 8, 1, 2, 0, 0, 1, 1]],
    ['an empty stack', [0, 4, 1, 1]],
    ['half an entry', [0, 6, 1, 1, 0, 0]],
  ])('are none of %s', (_, object) => {
    expect(labelsOf(extension(...object))).toEqual([]);
  });

  it('are sixteen at most', () => {
    const entries = Array.from({ length: 40 }, () => [0, 0, 1, 1]).flat();
    expect(labelsOf(extension(0, 4 + entries.length, 1, 1, ...entries)).length).toBe(16);
  });

  it('are read from any bytes without an error, a hang or a look beyond the end', () => {
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % below;
    };
    for (let round = 0; round < 20_000; round += 1) {
      const objects = Array.from({ length: random(40) }, () => random(8) && random(256));
      const bytes = random(2) === 0 ? extension(...objects) : Uint8Array.from([0x20, ...objects]);
      const at = random(60) - 10;
      const end = random(80);
      for (const { label, trafficClass, ttl } of decodeMplsLabels(bytes, at, end)) {
        expect(label < 2 ** 20 && trafficClass < 8 && ttl < 256).toBe(true);
      }
      // What is behind the end does not count.
      const longer = Uint8Array.from([...bytes, ...Array.from({ length: 8 }, () => random(256))]);
      const limit = Math.min(end, bytes.length);
      expect(decodeMplsLabels(longer, at, limit)).toEqual(decodeMplsLabels(bytes, at, limit));
    }
  });
});
