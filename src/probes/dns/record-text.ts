import type { Answer, CaaAnswer, NaptrAnswer, Nsec3Answer, RrsigAnswer, SoaAnswer } from 'dns-packet';
import { canonicalAddress } from '../../names/index.js';
import { octetsText, plainName, quoted } from './octets.js';
import { recordTypeName } from './record-types.js';
import { serviceText } from './service-text.js';

/**
 * What a record holds, in the words of a zone file, with names that have no final dot. A TXT record is its strings in one, without quotation
 * marks, as SPF and DKIM read it (RFC 7208 section 3.3). What dns-packet does not know is in hexadecimal (RFC 3597 section 5).
 */
export function recordText(record: Answer): string {
  switch (record.type) {
    case 'A':
      return record.data;
    case 'AAAA':
      return canonicalAddress(record.data);
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return plainName(record.data);
    case 'MX':
      return `${record.data.preference ?? 0} ${plainName(record.data.exchange)}`;
    case 'SRV':
      return `${record.data.priority ?? 0} ${record.data.weight ?? 0} ${record.data.port} ${plainName(record.data.target)}`;
    case 'TXT':
      return octetsText(Buffer.concat([record.data].flat().map((each) => Buffer.from(each))));
    case 'SOA':
      return soaText(record);
    case 'CAA':
      return caaText(record);
    case 'NAPTR':
      return naptrText(record);
    case 'HINFO':
      return `${quoted(record.data.cpu)} ${quoted(record.data.os)}`;
    case 'RP':
      return `${plainName(record.data.mbox)} ${plainName(record.data.txt)}`;
    case 'SSHFP':
      return `${record.data.algorithm} ${record.data.hash} ${record.data.fingerprint}`;
    default:
      return securityText(record);
  }
}

function securityText(record: Answer): string {
  switch (record.type) {
    case 'TLSA':
      return `${record.data.usage} ${record.data.selector} ${record.data.matchingType} ${hex(record.data.certificate)}`;
    case 'DS':
      return `${record.data.keyTag} ${record.data.algorithm} ${record.data.digestType} ${hex(record.data.digest)}`;
    case 'DNSKEY':
      return `${record.data.flags} 3 ${record.data.algorithm} ${record.data.key.toString('base64')}`;
    case 'RRSIG':
      return rrsigText(record);
    case 'NSEC':
      return [plainName(record.data.nextDomain), ...typeNames(record.data.rrtypes)].join(' ');
    case 'NSEC3':
      return nsec3Text(record);
    default:
      return 'data' in record && Buffer.isBuffer(record.data) ? bytesText(record.type, record.data) : '';
  }
}

function bytesText(type: string, data: Buffer): string {
  return (SERVICES.has(type) && serviceText(data)) || `\\# ${data.length} ${hex(data)}`.trim();
}

/** SVCB and HTTPS, as dns-packet calls what it does not know. */
const SERVICES: ReadonlySet<string> = new Set(['UNKNOWN_64', 'UNKNOWN_65']);

function soaText({ data }: SoaAnswer): string {
  const { mname, rname, serial, refresh, retry, expire, minimum } = data;
  return [plainName(mname), plainName(rname), serial, refresh, retry, expire, minimum].join(' ');
}

function caaText({ data }: CaaAnswer): string {
  return `${data.flags ?? 0} ${data.tag} ${quoted(data.value)}`;
}

function naptrText({ data }: NaptrAnswer): string {
  const { order, preference, flags, services, regexp, replacement } = data;
  return [order, preference, quoted(flags), quoted(services), quoted(regexp), plainName(replacement)].join(' ');
}

/** Times are seconds since the epoch: RFC 4034 section 3.2 allows that too. */
function rrsigText({ data }: RrsigAnswer): string {
  return [
    ...typeNames([data.typeCovered]),
    data.algorithm,
    data.labels,
    data.originalTTL,
    data.expiration,
    data.inception,
    data.keyTag,
    plainName(data.signersName),
    data.signature.toString('base64'),
  ].join(' ');
}

/** The next name in hexadecimal, not in base32hex. */
function nsec3Text({ data }: Nsec3Answer): string {
  const { algorithm, flags, iterations, salt, nextDomain, rrtypes } = data;
  return [algorithm, flags, iterations, hex(salt) || '-', hex(nextDomain), ...typeNames(rrtypes)].join(' ');
}

/** dns-packet says `UNKNOWN_65` for what it has no name for. */
function typeNames(types: readonly string[]): readonly string[] {
  return types.map((type) => (type.startsWith('UNKNOWN_') ? recordTypeName(Number(type.slice(8))) : type));
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}
