import { internetChecksum } from '../ping/icmp-echo.js';

/** One entry of an MPLS label stack (RFC 3032 section 2.1). */
export interface MplsLabel {
  /** The label itself, of 20 bits. */
  readonly label: number;
  /** Traffic class, 0 to 7 (RFC 5462). */
  readonly trafficClass: number;
  /** Whether it is the last of the stack. */
  readonly bottom: boolean;
  /** Time to live, as the label carried it. */
  readonly ttl: number;
}

/**
 * The MPLS label stack in the extensions of an ICMP error (RFC 4884 section 7, RFC 4950). Takes whatever bytes it is given: what is no
 * extension, has a wrong checksum or does not parse yields no labels.
 *
 * @param at where the extensions begin.
 * @param end of the bytes.
 */
export function decodeMplsLabels(bytes: Uint8Array, at: number, end: number): readonly MplsLabel[] {
  const limit = Math.min(end, bytes.byteLength);
  if (!isExtension(bytes, at, limit)) return [];
  for (let object = at + HEADER_LENGTH; object + OBJECT_HEADER_LENGTH <= limit; ) {
    const length = uint16(bytes, object);
    if (length < OBJECT_HEADER_LENGTH || object + length > limit) return [];
    if (bytes[object + 2] === MPLS_CLASS && bytes[object + 3] === INCOMING_STACK) {
      return decodeStack(bytes, object + OBJECT_HEADER_LENGTH, object + length);
    }
    object += length;
  }
  return [];
}

/** Version 2, and a checksum that is right. RFC 4884 section 7 allows to leave it out, as 0; then there is nothing to tell it from chance. */
function isExtension(bytes: Uint8Array, at: number, end: number): boolean {
  if (at < 0 || at + HEADER_LENGTH > end || (bytes[at] ?? 0) >>> 4 !== VERSION) return false;
  if (uint16(bytes, at + 2) === 0) return false;
  const extension = bytes.subarray(at, end);
  return internetChecksum(extension, extension.byteLength) === 0;
}

function decodeStack(bytes: Uint8Array, start: number, end: number): readonly MplsLabel[] {
  const labels: MplsLabel[] = [];
  for (let at = start; at + ENTRY_LENGTH <= end && labels.length < MOST_LABELS; at += ENTRY_LENGTH) {
    const third = bytes[at + 2] ?? 0;
    labels.push({
      label: (uint16(bytes, at) << 4) | (third >>> 4),
      trafficClass: (third >>> 1) & 0b111,
      bottom: (third & 1) === 1,
      ttl: bytes[at + 3] ?? 0,
    });
  }
  return labels;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

const HEADER_LENGTH = 4;
const OBJECT_HEADER_LENGTH = 4;
const ENTRY_LENGTH = 4;
const VERSION = 2;
/** RFC 4950 section 3: class 1, type 1 is the stack that the packet came with. */
const MPLS_CLASS = 1;
const INCOMING_STACK = 1;

/** More is nobody's stack. */
const MOST_LABELS = 16;
