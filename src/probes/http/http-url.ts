import { InvalidOptionError } from '../../errors/index.js';
import { isHost } from '../../names/index.js';

/** A URL that can be asked for, without user name and password. */
export interface HttpUrl {
  /** Without user name, password and fragment. */
  readonly href: string;
  readonly isSecure: boolean;
  /** A name or an IP address, the latter without brackets. */
  readonly host: string;
  readonly port: number;
  /** Host and, where it is not the scheme's own, port: the value of the header field `host`. */
  readonly authority: string;
  /** Scheme and authority. */
  readonly origin: string;
  readonly path: string;
  /** The value of `authorization` that user name and password stand for (RFC 7617). */
  readonly authorization: string | undefined;
}

/** @returns undefined for what is no http or https URL, or names no host that there can be. */
export function parseHttpUrl(text: string, base?: string): HttpUrl | undefined {
  if (!URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const isSecure = url.protocol === 'https:';
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
  if (!isHost(host) || port === 0) return undefined;
  const authorization = authorizationOf(url);
  url.username = '';
  url.password = '';
  url.hash = '';
  return {
    href: url.href,
    isSecure,
    host,
    port,
    authority: url.host,
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    authorization,
  };
}

/**
 * What is to be asked for.
 *
 * @throws {InvalidOptionError} which never shows a user name or password.
 */
export function parseHttpTarget(target: string): HttpUrl {
  const url = typeof target === 'string' ? parseHttpUrl(target) : undefined;
  if (url !== undefined) return url;
  const shown = typeof target === 'string' ? target.slice(target.lastIndexOf('@') + 1) : target;
  throw new InvalidOptionError('probeHttp: target', shown, 'an http or https URL');
}

/** The target as it may be shown. */
export function shownTarget(target: string, { href, authorization }: HttpUrl): string {
  return authorization === undefined ? target : href;
}

/** A place that a server names, as it may be shown: whatever stands before the last `@` of an authority is left out. */
export function withoutUserinfo(location: string): string {
  return location.replace(/^([a-z][a-z\d+.-]*:[\\/]{0,20}|[\\/]{2,20})[^\\/?#]*@/i, '$1');
}

function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`;
}

/** A percent sign that stands for itself is allowed in a URL. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
