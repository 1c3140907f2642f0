import { domainToASCII } from 'node:url';
import { InvalidOptionError } from '../../errors/index.js';
import { parseIp } from '../../netlink/index.js';
import { recordTypeName } from './record-types.js';

/** What is asked, always in the class IN. */
export interface DnsQuestion {
  /** In ASCII, without the final dot; `'.'` for the root. */
  readonly name: string;
  /** The record type's number. */
  readonly type: number;
}

const PTR = 12;

/**
 * The question for a target: an IP address is asked for under its reverse name where the type is PTR, and a name beyond ASCII as IDNA has it.
 *
 * @throws {InvalidOptionError} where it is no name that DNS could hold.
 */
export function questionFor(target: string, type: number): DnsQuestion {
  const name = typeof target === 'string' ? questionName(target, type) : undefined;
  if (name !== undefined) return { name, type };
  throw new InvalidOptionError(
    'probeDns: target',
    target,
    type === PTR
      ? 'a domain name or an IP address'
      : `a domain name (${recordTypeName(type)} of an IP address is none)`,
  );
}

function questionName(target: string, type: number): string | undefined {
  const ip = parseIp(target);
  if (ip !== undefined) return type === PTR ? reverseName(ip.bytes) : undefined;
  if (target === '.') return target;
  const ascii = isAscii(target) ? target : domainToASCII(target);
  const name = ascii.replace(/\.$/, '');
  return isDomainName(name) ? name : undefined;
}

/** RFC 1035 section 3.5; RFC 3596 section 2.5. */
function reverseName(bytes: Uint8Array): string {
  const reversed = [...bytes].reverse();
  if (bytes.length === 4) return `${reversed.join('.')}.in-addr.arpa`;
  const nibbles = reversed.flatMap((byte) => [byte & 0xf, byte >> 4]);
  return `${nibbles.map((nibble) => nibble.toString(16)).join('.')}.ip6.arpa`;
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

/** RFC 1035 section 2.3.4. What is not a host name can still be asked for: `_sip._tcp`, `*`, `a/b`; but no spaces, and no escapes. */
function isDomainName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[!-[\]-~]{1,63}$/.test(label));
}
