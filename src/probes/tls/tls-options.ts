import type { SecureVersion } from 'node:tls';

/** How a server is known by its certificate, and this client by its own. */
export interface TlsOptions {
  /**
   * Whether the certificate must be good. Where it is not, nothing is sent to the server, and the probe fails. With `false` the problems only
   * stand in the facts.
   *
   * @default true
   */
  readonly verify?: boolean | undefined;
  /** Certificates of authorities to trust, as PEM, in the place of those of Node.js. */
  readonly ca?: string | readonly string[] | undefined;
  /** The name to ask for (SNI) and to find in the certificate. @default the host of the target */
  readonly serverName?: string | undefined;
  /**
   * The oldest version of TLS that will do. With 'TLSv1' and 'TLSv1.1', weak keys and signatures will do as well.
   *
   * @default that of Node.js: 'TLSv1.2'
   */
  readonly minVersion?: SecureVersion | undefined;
  /** The client's certificate, as PEM. */
  readonly cert?: string | undefined;
  /** The key of the client's certificate, as PEM. */
  readonly key?: string | undefined;
}

/** What `node:tls` takes: its types know no readonly arrays. */
export function listOf(ca: TlsOptions['ca']): string[] | undefined {
  if (ca === undefined) return undefined;
  return typeof ca === 'string' ? [ca] : [...ca];
}
