/** The response codes that can be expected by name, as IANA's "DNS RCODEs" has them; from 16 on they need EDNS (RFC 6891 section 6.1.3). */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'NOERROR'],
  [1, 'FORMERR'],
  [2, 'SERVFAIL'],
  [3, 'NXDOMAIN'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
  [6, 'YXDOMAIN'],
  [7, 'YXRRSET'],
  [8, 'NXRRSET'],
  [9, 'NOTAUTH'],
  [10, 'NOTZONE'],
  [16, 'BADVERS'],
  [23, 'BADCOOKIE'],
]);

export const RCODE_NAMES: readonly string[] = [...NAMES.values()];

/** `'NOERROR'`, and `'RCODE…'` for a code that has no name here. */
export function rcodeName(code: number): string {
  return NAMES.get(code) ?? `RCODE${code}`;
}

/** The number of a name that {@link rcodeName} has given. */
export function rcodeNumber(name: string): number {
  return [...NAMES].find(([, each]) => each === name)?.[0] ?? Number(name.replace('RCODE', ''));
}
