import { validateHeaderName, validateHeaderValue } from 'node:http';
import { createSecureContext } from 'node:tls';
import { InvalidOptionError } from '../../errors/index.js';
import { isHost } from '../../names/index.js';
import {
  arrayOf,
  boolean,
  checkOptions,
  either,
  milliseconds,
  nonEmptyString,
  numberFrom,
  type OptionRule,
  type OptionRules,
  objectWith,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';
import { CONNECT_RULES, type ConnectOptions, checkConnectOptions } from '../connect/connect-options.js';
import { type TextPattern, textPattern } from '../text-pattern.js';
import { listOf, type TlsOptions } from '../tls/tls-options.js';

/** A status by its number, or all of a class. */
export type StatusPattern = number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

/** How {@link probeHttp} asks, and what it expects. */
export interface HttpProbeOptions extends ConnectOptions {
  /**
   * Milliseconds for everything together, redirects included.
   *
   * @default 10_000
   */
  readonly timeout?: number | undefined;
  /** Any method but CONNECT. @default 'GET' */
  readonly method?: string | undefined;
  /**
   * Header fields of the request, beside `host`, `accept: *\/*` and `user-agent: netpause`, which they replace. Those that frame a message
   * or belong to one connection are refused. `authorization` and `cookie` are left out where a redirect leads to another origin.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The body of the request. @default none */
  readonly body?: string | Uint8Array | undefined;
  /**
   * The protocol. `'auto'` lets an https server choose by ALPN (RFC 7301) and speaks HTTP/1.1 without TLS; `'2'` without TLS assumes that
   * the server knows it (RFC 9113 section 3.3).
   *
   * @default 'auto'
   */
  readonly version?: 'auto' | '1.1' | '2' | undefined;
  /**
   * How many redirects are followed; 0 follows none, and judges the redirect itself. One whose status is in `status` is not followed either.
   *
   * @default 5
   */
  readonly maxRedirects?: number | undefined;
  /** Which statuses are good: numbers, or classes such as `'2xx'`. @default ['2xx'] */
  readonly status?: readonly StatusPattern[] | undefined;
  /** Header fields that the answer must have: a string is what the value must be, a regular expression what must be found in it. */
  readonly expectHeaders?: Readonly<Record<string, TextPattern>> | undefined;
  /** What the body must hold. */
  readonly expectBody?: TextPattern | undefined;
  /** What the body must not hold, as far as it is read. */
  readonly rejectBody?: TextPattern | undefined;
  /**
   * How many bytes of the body are read at most, before and after decoding (gzip, deflate, br) each.
   *
   * @default 1_048_576
   */
  readonly maxBodyBytes?: number | undefined;
  /** What becomes of a longer body: the rest is not read, or the probe fails. @default 'cut' */
  readonly largeBody?: 'cut' | 'fail' | undefined;
  /**
   * How long the head of the answer may be, in bytes.
   *
   * @default 16_384
   */
  readonly maxHeaderBytes?: number | undefined;
  /** How an https server is known. */
  readonly tls?: TlsOptions | undefined;
  /**
   * The probe fails where a certificate of the server's chain expires in fewer days than this.
   *
   * @default 0: only where one has expired
   */
  readonly minCertificateDays?: number | undefined;
}

export const DEFAULT_HTTP_TIMEOUT = 10_000;
export const DEFAULT_MAX_REDIRECTS = 5;
export const DEFAULT_MAX_BODY_BYTES = 1_048_576;
export const DEFAULT_MAX_HEADER_BYTES = 16_384;

const OWNER = 'probeHttp';

const methodRule: OptionRule = {
  allowed: 'a method such as GET, and not CONNECT',
  // A token, by RFC 9110 section 5.6.2.
  accepts: (value) =>
    typeof value === 'string' && /^[!#$%&'*+.^_`|~\w-]{1,32}$/.test(value) && value.toUpperCase() !== 'CONNECT',
};

const statusRule: OptionRule = {
  allowed: "statuses from 100 to 599, or classes as '2xx'",
  accepts: (value) =>
    (Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599) ||
    (typeof value === 'string' && /^[1-5]xx$/.test(value)),
};

/** Neither a list nor `Headers` nor a `Map`: names and values that those hold are none of their properties, and would be left out unseen. */
function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const RULES: OptionRules<HttpProbeOptions> = {
  ...CONNECT_RULES,
  timeout: milliseconds(1),
  method: methodRule,
  headers: objectWith('an object of names and values', isPlain),
  body: {
    allowed: 'a string or bytes',
    accepts: (value) => typeof value === 'string' || value instanceof Uint8Array,
  },
  version: oneOf('auto', '1.1', '2'),
  maxRedirects: wholeNumberFrom(0, 50),
  status: {
    allowed: `an array, not empty, of ${statusRule.allowed}`,
    accepts: (value) => Array.isArray(value) && value.length > 0 && arrayOf(statusRule, '').accepts(value),
  },
  expectHeaders: objectWith(
    'an object of header names and what their values must be',
    (value) =>
      isPlain(value) &&
      Object.entries(value).every(
        ([name, pattern]) => isHeaderName(name) && (pattern === '' || textPattern.accepts(pattern)),
      ),
  ),
  expectBody: textPattern,
  rejectBody: textPattern,
  maxBodyBytes: wholeNumberFrom(0, 2 ** 26),
  largeBody: oneOf('cut', 'fail'),
  maxHeaderBytes: wholeNumberFrom(256, 2 ** 20),
  tls: objectWith('an object', () => true),
  minCertificateDays: numberFrom(0, 10_000, 'days'),
};

const TLS_RULES: OptionRules<TlsOptions> = {
  verify: boolean,
  ca: either(nonEmptyString, arrayOf(nonEmptyString, 'an array of such strings')),
  serverName: {
    allowed: 'the name of a host, in ASCII',
    accepts: (value) => typeof value === 'string' && isHost(value),
  },
  minVersion: oneOf('TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'),
  cert: nonEmptyString,
  key: nonEmptyString,
};

/** RFC 9110 section 7.6.1, RFC 9112 section 6: what is said between two ends of one connection, and where a message ends. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Refuses wrong options for {@link probeHttp}.
 *
 * @throws {InvalidOptionError}, which never shows the value of a header field or a key.
 */
export function checkHttpOptions(options: HttpProbeOptions): void {
  hiding(isHarmless, () => checkOptions(OWNER, options, RULES));
  checkConnectOptions(OWNER, options);
  for (const [name, value] of Object.entries(options.headers ?? {})) checkHeader(name, value);
  if (options.tls !== undefined) checkTls(options.tls);
}

function checkHeader(name: string, value: unknown): void {
  if (!isHeaderName(name)) throw new InvalidOptionError(`${OWNER}: headers`, name, 'named as RFC 9110 allows it');
  if (FRAMING.has(name.toLowerCase())) {
    throw new InvalidOptionError(`${OWNER}: headers`, name, `without ${name}, which is the connection's own business`);
  }
  if (typeof value === 'string' && isHeaderValue(name, value)) return;
  throw new InvalidOptionError(`${OWNER}: headers.${name}`, HIDDEN, 'a string without control characters');
}

function isHeaderName(name: string): boolean {
  return doesNotThrow(() => validateHeaderName(name));
}

function isHeaderValue(name: string, value: string): boolean {
  return doesNotThrow(() => validateHeaderValue(name, value));
}

const HIDDEN = '(not shown)';

/** What is wrong may be a key, or a password under a name that is not known here. */
function hiding(mayBeShown: (option: string) => boolean, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof InvalidOptionError) || mayBeShown(error.option)) throw error;
    throw new InvalidOptionError(error.option, HIDDEN, error.allowed);
  }
}

const SECRET: ReadonlySet<string> = new Set(['headers', 'body', 'tls']);

function isHarmless(option: string): boolean {
  const name = option.slice(`${OWNER}: `.length);
  return Object.hasOwn(RULES, name) && !SECRET.has(name);
}

function checkTls(tls: TlsOptions): void {
  hiding(
    () => false,
    () => checkOptions(`${OWNER}: tls`, tls, TLS_RULES),
  );
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new InvalidOptionError(`${OWNER}: tls`, HIDDEN, 'given cert and key together');
  }
  const { ca, cert, key } = tls;
  if (ca === undefined && cert === undefined) return;
  const usable = doesNotThrow(() => createSecureContext({ ca: listOf(ca), cert, key }));
  if (!usable)
    throw new InvalidOptionError(`${OWNER}: tls`, HIDDEN, 'given ca, cert and key as PEM that OpenSSL can read');
}

function doesNotThrow(step: () => unknown): boolean {
  try {
    step();
    return true;
  } catch {
    return false;
  }
}
