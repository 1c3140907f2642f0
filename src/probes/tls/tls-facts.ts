import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { escapeText } from '../escape-text.js';

/** What is wrong with a certificate. */
export type CertificateProblem =
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-wrong-name'
  | 'certificate-self-signed'
  | 'certificate-untrusted';

/** What a server showed of itself. */
export interface CertificateFacts {
  /** Whom it is for, as `CN=www.example.com, O=Example`. */
  readonly subject: string;
  /** Who says so. */
  readonly issuer: string;
  /** The names that it is for, as `DNS:www.example.com`; of more than 100 the first. */
  readonly altNames: readonly string[];
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  /** Milliseconds since the epoch. */
  readonly validTo: number;
  /** When the first of the chain expires, leaf and authorities in between: milliseconds since the epoch. */
  readonly chainValidTo: number;
  /** SHA-256 of the certificate, in hexadecimal digits. */
  readonly fingerprint: string;
}

/** What was agreed on with a server, and what it showed. */
export interface TlsFacts {
  /** `'TLSv1.3'`. */
  readonly version?: string;
  /** By its IANA name, as `'TLS_AES_256_GCM_SHA384'`. */
  readonly cipher?: string;
  /** The protocol that the server chose, as `'h2'`; absent where it chose none. */
  readonly alpn?: string;
  /** Whether the certificate is good. */
  readonly authorized: boolean;
  /** What is wrong with it, the decisive first. Whether one is trusted that has expired is not known. */
  readonly problems: readonly CertificateProblem[];
  /** What OpenSSL or Node.js says of it, as `'CERT_HAS_EXPIRED'`; absent where it is good. */
  readonly verifyError?: string;
  /** Absent where the server showed none. */
  readonly certificate?: CertificateFacts;
}

/** Verify errors of OpenSSL (x509_vfy.h) and Node.js that have a word of their own; all others mean that nobody trusted says so. */
const PROBLEMS: ReadonlyMap<string, CertificateProblem> = new Map([
  ['CERT_HAS_EXPIRED', 'certificate-expired'],
  ['CERT_NOT_YET_VALID', 'certificate-not-yet-valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate-wrong-name'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-self-signed'],
]);

/** What is wrong with a certificate: OpenSSL tells only one thing, and of the rest the dates and the name can be seen from here. */
export function problemsOf(
  verifyError: string | undefined,
  leaf: PeerCertificate | undefined,
  host: string,
  now: number,
): readonly CertificateProblem[] {
  if (verifyError === undefined) return [];
  const problems = new Set<CertificateProblem>([PROBLEMS.get(verifyError) ?? 'certificate-untrusted']);
  if (leaf === undefined) return [...problems];
  if (timeOf(leaf.valid_to) < now) problems.add('certificate-expired');
  if (timeOf(leaf.valid_from) > now) problems.add('certificate-not-yet-valid');
  if (checkServerIdentity(host, leaf) !== undefined) problems.add('certificate-wrong-name');
  return [...problems];
}

const MOST_NAMES = 100;

export function certificateFacts(leaf: PeerCertificate, chain: readonly PeerCertificate[]): CertificateFacts {
  return {
    subject: nameOf(leaf.subject),
    issuer: nameOf(leaf.issuer),
    altNames: altNamesOf(leaf.subjectaltname ?? ''),
    validFrom: timeOf(leaf.valid_from),
    validTo: timeOf(leaf.valid_to),
    chainValidTo: Math.min(...[leaf, ...chain].map(({ valid_to }) => timeOf(valid_to))),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

/** A date that is none (OpenSSL: "Bad time value") is one that is long over. */
function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}

/** A field that comes several times is a list. */
function nameOf(name: object | undefined): string {
  const fields = Object.entries(name ?? {}).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => `${key}=${each}`),
  );
  return escapeText(fields.join(', '), 256);
}

/** Node.js quotes a name that holds a comma or a quotation mark, as JSON does. */
function altNamesOf(text: string): readonly string[] {
  const names = text.matchAll(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g);
  const found: string[] = [];
  for (const [name] of names) {
    if (found.length === MOST_NAMES) break;
    found.push(escapeText(name.trim(), 256));
  }
  return found;
}
