import { isIP } from 'node:net';
import { isHost } from './host.js';

/** A host, and the port on it where it is known. */
export interface Endpoint {
  readonly host: string;
  readonly port?: number | undefined;
}

/** The text that {@link parseEndpoint} reads: `'192.0.2.1:443'`, `'[2001:db8::1]:443'`; without a port the host alone. */
export function formatEndpoint({ host, port }: Endpoint): string {
  if (port === undefined) return host;
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What `'host'`, `'host:port'`, `'[2001:db8::1]:443'` or a URL names; undefined for what is none of them. */
export function parseEndpoint(text: string): Endpoint | undefined {
  if (isIP(text) !== 0) return isHost(text) ? { host: text } : undefined;
  if (text.includes('://')) return parseUrl(text);
  const match = /^(?:\[([^\]]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/.exec(text);
  const [, bracketed, bare, digits] = match ?? [];
  const host = bracketed ?? bare;
  if (host === undefined || !isHost(host) || (bracketed !== undefined && isIP(bracketed) !== 6)) return undefined;
  if (digits === undefined) return { host };
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

function parseUrl(text: string): Endpoint | undefined {
  if (!URL.canParse(text)) return undefined;
  const { hostname, port, protocol } = new URL(text);
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if (!isHost(host)) return undefined;
  const known = port === '' ? DEFAULT_PORTS.get(protocol) : Number(port);
  return { host, ...(known !== undefined && { port: known }) };
}

/** IANA's service names, for the schemes of what is usually retried. */
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http:', 80],
  ['ws:', 80],
  ['https:', 443],
  ['wss:', 443],
  ['ftp:', 21],
  ['sftp:', 22],
  ['ssh:', 22],
  ['redis:', 6379],
  ['postgres:', 5432],
  ['postgresql:', 5432],
  ['nats:', 4222],
]);
