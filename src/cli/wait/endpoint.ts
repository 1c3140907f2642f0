import { isIP } from 'node:net';

/** What a TCP connection can be made to. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * The endpoint that a destination names, where it names a port: `'host:port'`, `'[address]:port'`, or a URL with a port or with a scheme whose
 * port every URL parser knows. The destination is one that the monitor takes.
 */
export function endpointOf(destination: string): Endpoint | undefined {
  if (isIP(destination) !== 0) return undefined;
  const url = new URL(destination.includes('://') ? destination : `tcp://${destination}`);
  const port = url.port === '' ? WEB_PORTS.get(url.protocol) : Number(url.port);
  return port === undefined ? undefined : { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

/** URL drops them as needless. */
const WEB_PORTS: ReadonlyMap<string, number> = new Map([
  ['http:', 80],
  ['https:', 443],
  ['ws:', 80],
  ['wss:', 443],
]);
