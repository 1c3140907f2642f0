/** What ICMP's errors mean, in the words of the results. */
export function meaningOf(family: 4 | 6, type: number, code: number): string {
  const meanings = family === 4 ? ICMP : ICMPV6;
  return meanings.get(`${type}/${code}`) ?? meanings.get(`${type}`) ?? 'icmp-error';
}

/**
 * Whether an error says that the packet will not arrive. The kernel hands over two that do not: routers that send a redirect or a source
 * quench (RFC 792) have forwarded the packet.
 */
export function isRefusal(family: 4 | 6, type: number): boolean {
  return family === 6 || (type !== SOURCE_QUENCH && type !== REDIRECT);
}

/** The MTU that an error names, where it is one that names it. */
export function mtuOf(family: 4 | 6, type: number, code: number, info: number): number | undefined {
  const isTooBig = family === 4 ? type === 3 && code === 4 : type === 2;
  // Routers from before RFC 1191 leave it 0.
  return isTooBig && info > 0 ? info : undefined;
}

const SOURCE_QUENCH = 4;
const REDIRECT = 5;

/** IANA's registry of ICMP parameters: RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1. */
const ICMP: ReadonlyMap<string, string> = new Map([
  ['3', 'unreachable'],
  ['3/0', 'net-unreachable'],
  ['3/1', 'host-unreachable'],
  ['3/2', 'protocol-unreachable'],
  ['3/3', 'port-unreachable'],
  ['3/4', 'too-big'],
  ['3/5', 'source-route-failed'],
  ['3/6', 'net-unreachable'],
  ['3/7', 'host-unreachable'],
  ['3/8', 'host-unreachable'],
  ['3/9', 'prohibited'],
  ['3/10', 'prohibited'],
  ['3/11', 'net-unreachable'],
  ['3/12', 'host-unreachable'],
  ['3/13', 'prohibited'],
  ['3/14', 'prohibited'],
  ['3/15', 'prohibited'],
  ['11', 'ttl-exceeded'],
  ['11/1', 'reassembly-timeout'],
  ['12', 'parameter-problem'],
]);

/** RFC 4443 section 3. */
const ICMPV6: ReadonlyMap<string, string> = new Map([
  ['1', 'unreachable'],
  ['1/0', 'net-unreachable'],
  ['1/1', 'prohibited'],
  ['1/2', 'net-unreachable'],
  ['1/3', 'host-unreachable'],
  ['1/4', 'port-unreachable'],
  ['1/5', 'prohibited'],
  ['1/6', 'prohibited'],
  ['2', 'too-big'],
  ['3', 'ttl-exceeded'],
  ['3/1', 'reassembly-timeout'],
  ['4', 'parameter-problem'],
]);
