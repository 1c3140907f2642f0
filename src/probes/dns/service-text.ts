import { formatIpv6 } from '../../netlink/index.js';
import { octetsText } from './octets.js';

/**
 * What an SVCB or HTTPS record holds, as a zone file has it (RFC 9460 section 2.1): `1 . alpn="h2,h3" ipv4hint=192.0.2.1`.
 *
 * @returns undefined for what cannot be read, or could not be told from something else when it is written down.
 */
export function serviceText(data: Buffer): string | undefined {
  try {
    const { name, end } = targetAt(data, 2);
    const parameters = [...parametersFrom(data, end)];
    return [data.readUInt16BE(0), name, ...parameters].join(' ');
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The target's name is never compressed (RFC 9460 section 2.2). @throws {RangeError} where it is no name. */
function targetAt(data: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let offset = start;
  for (let length = data.readUInt8(offset); length > 0; length = data.readUInt8(offset)) {
    if (length > 63) throw new RangeError('it is no label');
    labels.push(octetsText(bytesAt(data, offset + 1, length)).replace(/[. ]/g, escapeInLabel));
    offset += 1 + length;
  }
  return { name: labels.join('.') || '.', end: offset + 1 };
}

function escapeInLabel(character: string): string {
  return character === '.' ? '\\.' : '\\032';
}

function* parametersFrom(data: Buffer, start: number): Generator<string> {
  let offset = start;
  while (offset < data.length) {
    const key = data.readUInt16BE(offset);
    const value = bytesAt(data, offset + 4, data.readUInt16BE(offset + 2));
    yield parameterText(key, value);
    offset += 4 + value.length;
  }
}

/** "Service Parameter Keys (SvcParamKeys)" of IANA. A key that is not known has its value in quotation marks. */
function parameterText(key: number, value: Buffer): string {
  const { name, read = quotedText } = PARAMETERS.get(key) ?? { name: `key${key}` };
  return value.length === 0 ? name : `${name}=${read(value)}`;
}

interface Parameter {
  readonly name: string;
  /** @throws {RangeError} where the value is none. */
  readonly read?: (value: Buffer) => string;
}

const PARAMETERS: ReadonlyMap<number, Parameter> = new Map<number, Parameter>([
  [0, { name: 'mandatory', read: (value) => numbersOf(value).map(keyName).join(',') }],
  [1, { name: 'alpn', read: (value) => `"${protocolsOf(value).join(',')}"` }],
  [2, { name: 'no-default-alpn' }],
  [3, { name: 'port', read: portText }],
  [4, { name: 'ipv4hint', read: (value) => chunksOf(value, 4).map(ipv4Text).join(',') }],
  [5, { name: 'ech', read: (value) => value.toString('base64') }],
  [6, { name: 'ipv6hint', read: (value) => chunksOf(value, 16).map(ipv6Text).join(',') }],
  [7, { name: 'dohpath' }],
]);

function keyName(key: number): string {
  return PARAMETERS.get(key)?.name ?? `key${key}`;
}

function quotedText(value: Buffer): string {
  return `"${octetsText(value).replaceAll('"', '\\"')}"`;
}

/** Those that would have to be escaped twice (RFC 9460 appendix A.1) nobody has. */
function protocolsOf(value: Buffer): readonly string[] {
  const protocols: string[] = [];
  for (let offset = 0; offset < value.length; ) {
    const protocol = bytesAt(value, offset + 1, value.readUInt8(offset));
    if (/[,"\\]/.test(protocol.toString('latin1'))) throw new RangeError('a protocol needs escapes');
    protocols.push(octetsText(protocol));
    offset += 1 + protocol.length;
  }
  return protocols;
}

function portText(value: Buffer): string {
  if (value.length !== 2) throw new RangeError('it is no port');
  return String(value.readUInt16BE(0));
}

function numbersOf(value: Buffer): readonly number[] {
  return chunksOf(value, 2).map((chunk) => chunk.readUInt16BE(0));
}

function chunksOf(value: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(value.length / size) }, (_, index) => bytesAt(value, index * size, size));
}

function ipv4Text(bytes: Buffer): string {
  return bytes.join('.');
}

function ipv6Text(bytes: Buffer): string {
  return formatIpv6(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
}

function bytesAt(data: Buffer, start: number, length: number): Buffer {
  if (start + length > data.length) throw new RangeError('it ends too soon');
  return data.subarray(start, start + length);
}
