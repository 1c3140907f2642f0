import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceText } from '../../../../src/probes/dns/service-text.js';

const VALID = '0001000001000302683200030002005000040004c0000201';

describe('serviceText', () => {
  it('is what a zone file has', () => {
    expect(serviceText(Buffer.from(VALID, 'hex'))).toBe('1 . alpn="h2" port=80 ipv4hint=192.0.2.1');
  });

  it('escapes what would look like something else', () => {
    const data = Buffer.from('000103612e62012002787900029b0002221b', 'hex');
    expect(serviceText(data)).toBe('1 a\\.b.\\032.xy key667="\\"\\027"');
  });

  it.each([
    ['nothing', ''],
    ['a priority alone', '0001'],
    ['a compressed name', '0001c00c'],
    ['a name without end', '00010161'],
    ['half of a key', '00010000'],
    ['a value that is cut off', '0001000003000200'],
    ['a protocol that is cut off', '000100000100020368'],
    ['a protocol with a comma', '00010000010003026c2c'],
    ['a port of three bytes', '000100000300030050ff'],
    ['two ports', '000100000300040050ffff'],
    ['half of an address', '00010000040002c000'],
  ])('is undefined for %s', (_what, hex) => {
    expect(serviceText(Buffer.from(hex, 'hex'))).toBeUndefined();
  });

  it('never throws, and is printable', () => {
    const valid = Buffer.from(VALID, 'hex');
    const edit = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
          fc.array(edit).map(edited),
        ),
        (bytes) => {
          expect(serviceText(bytes) ?? '').toMatch(/^[ -~]*$/);
        },
      ),
      { numRuns: 2_000 },
    );
    function edited(edits: readonly (readonly [number, number])[]): Buffer {
      const copy = Buffer.from(valid);
      for (const [at, byte] of edits) copy.writeUInt8(byte, at);
      return copy;
    }
  });
});
