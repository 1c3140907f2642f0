import { isIPv4, isIPv6 } from 'node:net';

/** An IP version, as `net.isIP` and `os.networkInterfaces` number it. */
export type IpFamily = 4 | 6;

/** An address with its bytes in network order. */
export interface Ip {
  /** Which of the two versions it is of. */
  readonly family: IpFamily;
  /** Four bytes, or sixteen. */
  readonly bytes: Uint8Array;
}

/** `192.0.2.1`. */
export function formatIpv4(view: DataView, offset: number): string {
  return `${view.getUint8(offset)}.${view.getUint8(offset + 1)}.${view.getUint8(offset + 2)}.${view.getUint8(offset + 3)}`;
}

/**
 * `2001:db8::1`: RFC 5952, and dotted quads where inet_ntop(3) has them (`::ffff:192.0.2.1`, `::192.0.2.1`), so that the text is the one
 * that `ip` and `os.networkInterfaces()` give.
 */
export function formatIpv6(view: DataView, offset: number): string {
  const [gapStart, gapLength] = longestZeroRun(view, offset);
  if (hasDottedQuad(view, offset, gapStart, gapLength)) {
    return `::${gapLength === 5 ? 'ffff:' : ''}${formatIpv4(view, offset + 12)}`;
  }
  if (gapLength === 0) return formatWords(view, offset, 0, 8);
  const tail = formatWords(view, offset, gapStart + gapLength, 8);
  return `${formatWords(view, offset, 0, gapStart)}::${tail}`;
}

/** Undefined where the text is none, or names a zone (`fe80::1%eth0`), which bytes cannot hold. */
export function parseIp(text: string): Ip | undefined {
  if (isIPv4(text)) return { family: 4, bytes: Uint8Array.from(text.split('.'), Number) };
  if (isIPv6(text) && !text.includes('%')) return { family: 6, bytes: ipv6Bytes(text) };
  return undefined;
}

/** An IP address as `formatIpv6` writes it, so that two texts of one address are the same; any other text as it is. */
export function canonicalAddress(text: string): string {
  const ip = isIPv6(text) ? parseIp(text) : undefined;
  return ip === undefined ? text : formatIpv6(new DataView(ip.bytes.buffer), 0);
}

/** Where the longest run of at least two zero words begins and how long it is; of equal runs the first (RFC 5952, section 4.2). */
function longestZeroRun(view: DataView, offset: number): readonly [start: number, length: number] {
  let start = 0;
  let length = 1;
  let run = 0;
  for (let word = 0; word < 8; word += 1) {
    run = view.getUint16(offset + word * 2) === 0 ? run + 1 : 0;
    if (run > length) {
      length = run;
      start = word - run + 1;
    }
  }
  return length === 1 ? NO_RUN : [start, length];
}

const NO_RUN = [0, 0] as const;

/** The rule of inet_ntop: ::/96 with more than the lowest word set (so not `::1`), and the IPv4-mapped ::ffff:0:0/96. */
function hasDottedQuad(view: DataView, offset: number, gapStart: number, gapLength: number): boolean {
  if (gapStart !== 0) return false;
  return gapLength === 6 || (gapLength === 5 && view.getUint16(offset + 10) === 0xffff);
}

function formatWords(view: DataView, offset: number, from: number, to: number): string {
  let text = '';
  for (let word = from; word < to; word += 1) {
    text += (word === from ? '' : ':') + view.getUint16(offset + word * 2).toString(16);
  }
  return text;
}

/** Takes only what `isIPv6` has accepted. */
function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail = ''] = text.split('::');
  const front = bytesOfWords(head);
  const back = bytesOfWords(tail);
  const bytes = new Uint8Array(16);
  bytes.set(front, 0);
  bytes.set(back, 16 - back.length);
  return bytes;
}

function bytesOfWords(words: string): number[] {
  if (words === '') return [];
  return words.split(':').flatMap((word) => {
    if (word.includes('.')) return word.split('.').map(Number);
    const value = Number.parseInt(word, 16);
    return [value >> 8, value & 0xff];
  });
}
