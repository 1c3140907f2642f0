import { BlockList, isIP } from 'node:net';
import { InvalidOptionError } from '../errors/index.js';
import {
  boolean,
  checkComplete,
  checkOptions,
  nonEmptyString,
  numberFrom,
  type OptionRule,
  type OptionRules,
  objectWith,
  wholeNumberFrom,
} from '../options/index.js';
import type { RateLimit } from './client-rates.js';
import { isToken, MOST_TOKENS, SHORTEST_TOKEN, type Tokens } from './token-gate.js';

/** What a server shows of itself, and what it signs with. */
export interface ServerTls {
  /** The certificate and those between it and the root, in PEM. */
  readonly cert: string | Buffer;
  /** Its private key, in PEM. */
  readonly key: string | Buffer;
}

/** Where a service listens, and whom it serves. */
export interface WebServiceOptions {
  /** The IP address to listen on. Another one than loopback needs `tokens` or `readOnly`. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** 0 for any that is free. */
  readonly port: number;
  /** HTTPS instead of HTTP. @default none */
  readonly tls?: ServerTls | undefined;
  /**
   * Who shows one of them as `Authorization: Bearer …` may change what the service knows. Each has at least 16 characters; two are valid at
   * once while one takes the other's place. A function is asked at each request.
   *
   * @default none: everybody who reaches it may, which only loopback allows
   */
  readonly tokens?: Tokens | undefined;
  /** Who shows one of them, or one of `tokens`, may read. @default none: everybody who reaches it may read */
  readonly readTokens?: Tokens | undefined;
  /**
   * Whether it only tells and nobody can change anything: every method but GET and HEAD is refused, whoever asks. Then it may listen anywhere
   * without `tokens`.
   *
   * @default false
   */
  readonly readOnly?: boolean | undefined;
  /** Bytes that a request's body may have. @default 1_048_576 */
  readonly maxBody?: number | undefined;
  /** How often one address may ask. @default 100 a second, 500 at once */
  readonly rate?: RateLimit | undefined;
}

const DEFAULTS = { host: '127.0.0.1', maxBody: 2 ** 20, rate: { perSecond: 100, burst: 500 } };

/** With everything that has a default. */
export interface ResolvedServiceOptions extends WebServiceOptions {
  readonly host: string;
  readonly readOnly: boolean;
  readonly maxBody: number;
  readonly rate: RateLimit;
  readonly isLoopback: boolean;
}

/**
 * @param owner whose complaint it is, in errors.
 * @throws {InvalidOptionError} where an option has a wrong name, type or range, or a service that others can reach has no tokens.
 */
export function resolveServiceOptions(owner: string, options: WebServiceOptions): ResolvedServiceOptions {
  checkOptions(owner, options, RULES);
  checkComplete(owner, { port: options.port }, { port: RULES.port });
  const { host = DEFAULTS.host, maxBody = DEFAULTS.maxBody, rate = DEFAULTS.rate, tokens } = options;
  const { readOnly = false } = options;
  const isLoopback = isLoopbackAddress(host);
  if (!isLoopback && !readOnly && tokens === undefined) {
    throw new InvalidOptionError(
      `${owner}: tokens`,
      tokens,
      `given where host is not a loopback address (it is ${host}): others could change what the service knows`,
    );
  }
  return { ...options, host, readOnly, maxBody, rate, isLoopback };
}

/** Whether only this host reaches what listens there, however the address is written. A name is none. */
export function isLoopbackAddress(host: string): boolean {
  const version = isIP(host);
  return version !== 0 && LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

/** RFC 1122, section 3.2.1.3, and RFC 4291, section 2.5.3; with what a socket for both families makes of the former. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
LOOPBACK.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

const tokensRule: OptionRule = {
  isSecret: true,
  allowed: `1 to ${MOST_TOKENS} tokens of at least ${SHORTEST_TOKEN} visible ASCII characters, or a function that returns them`,
  accepts: (value) =>
    typeof value === 'function' ||
    (Array.isArray(value) && value.length >= 1 && value.length <= MOST_TOKENS && value.every(isToken)),
};

const RULES: OptionRules<WebServiceOptions> = {
  host: { allowed: 'an IP address', accepts: (value) => typeof value === 'string' && isIP(value) !== 0 },
  port: wholeNumberFrom(0, 65_535),
  tls: {
    isSecret: true,
    ...objectWith("an object with 'cert' and 'key' in PEM", (tls) =>
      ['cert', 'key'].every((name) => {
        const value: unknown = Reflect.get(tls, name);
        return Buffer.isBuffer(value) || nonEmptyString.accepts(value);
      }),
    ),
  },
  tokens: tokensRule,
  readTokens: tokensRule,
  readOnly: boolean,
  maxBody: wholeNumberFrom(1, 2 ** 30),
  rate: objectWith("an object with 'perSecond' above 0 and 'burst' of at least 1", (rate) => {
    const [perSecond, burst]: unknown[] = [Reflect.get(rate, 'perSecond'), Reflect.get(rate, 'burst')];
    return numberFrom(Number.MIN_VALUE, 1e9).accepts(perSecond) && numberFrom(1, 1e9).accepts(burst);
  }),
};
