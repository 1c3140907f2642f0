/** Where a Redis is, in parts. */
export interface RedisParts {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly db?: number | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What a URL of Redis may be, as a phrase. */
export const REDIS_URL_ALLOWED = 'a URL of redis or rediss, such as redis://192.0.2.1:6379/0';

/**
 * A URL of Redis as the client takes it: with its scheme in small letters, for another one would be spoken to without TLS.
 *
 * @returns undefined for what is none. It may hold a password: nobody is shown what was given.
 */
export function readRedisUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, hostname, pathname, search, hash } = url;
  const isRedis = (protocol === 'redis:' || protocol === 'rediss:') && hostname !== '';
  return isRedis && /^\/?\d{0,5}$/.test(pathname) && `${search}${hash}` === '' && isDecodable(url)
    ? url.href
    : undefined;
}

/** The URL of a Redis that is given in parts. */
export function redisUrlOf({ host = '127.0.0.1', port = 6_379, db = 0, username, password }: RedisParts): string {
  const name = host.includes(':') ? `[${host}]` : host;
  const [user, secret] = [username ?? '', password ?? ''].map(encodeURIComponent);
  const access = `${user}${secret}` === '' ? '' : `${user}:${secret}@`;
  return `redis://${access}${name}:${port}/${db}`;
}

/** The URL without user and password, for people. */
export function shownRedisUrl(text: string): string {
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** The client decodes user and password. */
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(`${username}${password}`);
    return true;
  } catch {
    return false;
  }
}
