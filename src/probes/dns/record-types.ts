/**
 * The record types that can be asked for by name: those of dns-packet, and three whose data it hands over as bytes. Numbers are those of
 * IANA's "Domain Name System (DNS) Parameters".
 */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['A', 1],
  ['NS', 2],
  ['CNAME', 5],
  ['SOA', 6],
  ['NULL', 10],
  ['PTR', 12],
  ['HINFO', 13],
  ['MX', 15],
  ['TXT', 16],
  ['RP', 17],
  ['AFSDB', 18],
  ['SIG', 24],
  ['KEY', 25],
  ['AAAA', 28],
  ['LOC', 29],
  ['SRV', 33],
  ['NAPTR', 35],
  ['KX', 36],
  ['CERT', 37],
  ['DNAME', 39],
  ['APL', 42],
  ['DS', 43],
  ['SSHFP', 44],
  ['IPSECKEY', 45],
  ['RRSIG', 46],
  ['NSEC', 47],
  ['DNSKEY', 48],
  ['DHCID', 49],
  ['NSEC3', 50],
  ['NSEC3PARAM', 51],
  ['TLSA', 52],
  ['HIP', 55],
  ['CDS', 59],
  ['CDNSKEY', 60],
  ['SVCB', 64],
  ['HTTPS', 65],
  ['SPF', 99],
  ['ANY', 255],
  ['URI', 256],
  ['CAA', 257],
  ['TA', 32_768],
  ['DLV', 32_769],
]);

const NAMES: ReadonlyMap<number, string> = new Map([...NUMBERS].map(([name, number]) => [number, name]));

export const OPT = 41;
export const ANY = 255;

/** Parts of the protocol that are no question for one answer: OPT, TKEY, TSIG, IXFR, AXFR. */
const NO_QUESTIONS: ReadonlySet<number> = new Set([0, OPT, 249, 250, 251, 252]);

/** The number of `'A'`, `'mx'` or `'TYPE65'` (RFC 3597 section 5); undefined for what cannot be asked for. */
export function recordTypeNumber(type: string): number | undefined {
  const name = type.toUpperCase();
  const digits = /^TYPE(\d{1,5})$/.exec(name)?.[1];
  const number = digits === undefined ? NUMBERS.get(name) : Number(digits);
  return number === undefined || number > 65_535 || NO_QUESTIONS.has(number) ? undefined : number;
}

/** `'A'`, and `'TYPE…'` for a type that has no name here. */
export function recordTypeName(number: number): string {
  return NAMES.get(number) ?? `TYPE${number}`;
}
