import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { InvalidOptionError } from '../../errors/index.js';
import { parseEndpoint } from '../../names/index.js';
import {
  arrayOf,
  boolean,
  checkOptions,
  either,
  milliseconds,
  nonEmptyString,
  type OptionRule,
  type OptionRules,
  objectWith,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';
import type { AddressFamily } from '../resolve-host.js';
import { type TextPattern, textPattern } from '../text-pattern.js';
import { listOf, type TlsOptions } from '../tls/tls-options.js';
import { isSystemType, SYSTEM_TYPES } from './ask-system.js';
import { RCODE_NAMES } from './rcodes.js';
import { recordTypeNumber } from './record-types.js';

/** How a DNS server is spoken to. `'tls'` is DNS over TLS (RFC 7858). */
export type DnsTransport = 'udp' | 'tcp' | 'tls';

/** Whom to trust: as with `probeHttp`. */
export type DnsTlsOptions = Pick<TlsOptions, 'verify' | 'ca' | 'serverName'>;

/** What is asked, of whom, and what has to come back. */
export interface DnsProbeOptions {
  /**
   * The record type: `'A'`, `'AAAA'`, `'MX'`, `'TXT'`, … or any by its number, as `'TYPE65'`. With `'PTR'` the target may be an IP address.
   *
   * @default 'A'
   */
  readonly type?: string | undefined;
  /**
   * The server to ask: an IP address or a name, or either with a port, as `'192.0.2.53:5353'` or `'[2001:db8::53]:53'`. The port is 53, and
   * 853 for TLS.
   *
   * @default the name servers of this system, asked as `node:dns` asks them. The options from `transport` to `tls` need a server.
   */
  readonly server?: string | undefined;
  /** @default 'udp' */
  readonly transport?: DnsTransport | undefined;
  /** Which addresses of the server's name are asked. @default 'any', or the family of `source` */
  readonly family?: AddressFamily | undefined;
  /** The IP address to ask from. @default the kernel's choice */
  readonly source?: string | undefined;
  /**
   * How often the question is put again by UDP where no answer comes, evenly over the time. A probe measures; with retries it no longer sees
   * what gets lost.
   *
   * @default 0
   */
  readonly retries?: number | undefined;
  /** Whether an answer that did not fit into UDP is asked for again by TCP. @default true */
  readonly fallbackToTcp?: boolean | undefined;
  /** Whether the server shall ask others where it does not know the answer itself (RD). @default true */
  readonly recursionDesired?: boolean | undefined;
  /** Whether the query has EDNS (RFC 6891). @default true */
  readonly edns?: boolean | undefined;
  /** How long an answer by UDP may be, in bytes, with EDNS. @default 1232, which no path on the internet fragments */
  readonly udpPayloadSize?: number | undefined;
  /** Whether the answer may hold the records of DNSSEC (DO). Needs EDNS. @default false */
  readonly dnssecOk?: boolean | undefined;
  /** Whom to trust, where the transport is `'tls'`. @default the authorities of Node.js, for the host of `server` */
  readonly tls?: DnsTlsOptions | undefined;
  /** The response code that there has to be. @default 'NOERROR' */
  readonly rcode?: string | undefined;
  /** How many records of the type there have to be at least. @default 1, and 0 where another response code than NOERROR is expected */
  readonly minAnswers?: number | undefined;
  /**
   * What has to be among the answers, all of it: a string is one answer as a whole, as in `facts.answers` (names in any case, addresses in any
   * spelling), a `RegExp`, or `{ regexp, flags }` in a file, is looked for in them.
   *
   * @default nothing
   */
  readonly expect?: readonly TextPattern[] | undefined;
  /** Milliseconds for everything together. @default 5_000 */
  readonly timeout?: number | undefined;
}

const serverRule: OptionRule = {
  allowed: "an IP address or a host name, or either with a port ('192.0.2.53:53', '[2001:db8::53]:53')",
  accepts: (value) => typeof value === 'string' && !value.includes('://') && parseEndpoint(value) !== undefined,
};

const typeRule: OptionRule = {
  allowed: "a record type that can be asked for, such as 'A', 'MX' or 'TYPE65'",
  accepts: (value) => typeof value === 'string' && recordTypeNumber(value) !== undefined,
};

const RULES: OptionRules<DnsProbeOptions> = {
  type: typeRule,
  server: serverRule,
  transport: oneOf('udp', 'tcp', 'tls'),
  family: { allowed: "4, 6 or 'any'", accepts: (value) => value === 4 || value === 6 || value === 'any' },
  source: { allowed: 'an IP address', accepts: (value) => typeof value === 'string' && isIP(value) !== 0 },
  retries: wholeNumberFrom(0, 100),
  fallbackToTcp: boolean,
  recursionDesired: boolean,
  edns: boolean,
  udpPayloadSize: wholeNumberFrom(512, 65_535),
  dnssecOk: boolean,
  tls: objectWith('an object', () => true),
  rcode: oneOf(...RCODE_NAMES),
  minAnswers: wholeNumberFrom(0, 65_535),
  expect: arrayOf(textPattern, `an array whose items are each ${textPattern.allowed}`),
  timeout: milliseconds(1),
};

export const DEFAULT_TIMEOUT = 5_000;

const OWNER = 'probeDns';

const TLS_RULES: OptionRules<DnsTlsOptions> = {
  verify: boolean,
  ca: either(nonEmptyString, arrayOf(nonEmptyString, 'an array of such strings')),
  serverName: nonEmptyString,
};

const NEED_SERVER = [
  'transport',
  'family',
  'source',
  'retries',
  'fallbackToTcp',
  'recursionDesired',
  'edns',
  'udpPayloadSize',
  'dnssecOk',
  'tls',
] as const satisfies readonly (keyof DnsProbeOptions)[];

const NEED_UDP = ['retries', 'fallbackToTcp'] as const satisfies readonly (keyof DnsProbeOptions)[];
const NEED_EDNS = ['udpPayloadSize', 'dnssecOk'] as const satisfies readonly (keyof DnsProbeOptions)[];

/**
 * Refuses options that `probeDns` would refuse.
 *
 * @throws {InvalidOptionError}
 */
export function checkDnsOptions(options: DnsProbeOptions): void {
  checkOptions(OWNER, options, RULES);
  const { server, transport = 'udp', edns = true, type = 'A', source, family = 'any' } = options;
  if (server === undefined) {
    refuse(options, NEED_SERVER, 'left out where no server is given');
    if (!isSystemType(recordTypeNumber(type) ?? 0)) {
      throw new InvalidOptionError(`${OWNER}: type`, type, `one of ${SYSTEM_TYPES()} where no server is given`);
    }
  }
  if (transport !== 'tls') refuse(options, ['tls'], "left out unless the transport is 'tls'");
  if (options.tls !== undefined) checkTls(options.tls);
  if (transport !== 'udp') refuse(options, NEED_UDP, "left out unless the transport is 'udp'");
  if (!edns) refuse(options, NEED_EDNS, 'left out without EDNS');
  if (source !== undefined && family !== 'any' && isIP(source) !== family) {
    throw new InvalidOptionError(
      `${OWNER}: source`,
      source,
      `an address of IPv${family}, since that is the family asked for`,
    );
  }
  checkServerFamily(options);
}

/** A server that is an address has a family of its own. */
function checkServerFamily(options: DnsProbeOptions): void {
  const family = familyOf(options);
  const actual = isIP(serverOf(options).host);
  if (actual === 0 || family === 'any' || actual === family) return;
  throw new InvalidOptionError(
    `${OWNER}: server`,
    options.server,
    `a name or an address of IPv${family}, since that is the family asked for or that of the source`,
  );
}

/** Which addresses of the server are asked. */
export function familyOf({ family, source }: DnsProbeOptions): AddressFamily {
  if (source === undefined) return family ?? 'any';
  return isIP(source) === 4 ? 4 : 6;
}

function checkTls(tls: DnsTlsOptions): void {
  checkOptions(`${OWNER}: tls`, tls, TLS_RULES);
  if (tls.ca === undefined || checked.has(tls)) return;
  try {
    for (const certificate of listOf(tls.ca) ?? []) new X509Certificate(certificate);
  } catch {
    throw new InvalidOptionError(`${OWNER}: tls: ca`, tls.ca, 'certificates in PEM');
  }
  checked.add(tls);
}

/** A schedule comes with the same options each time. */
const checked = new WeakSet<DnsTlsOptions>();

function refuse(options: DnsProbeOptions, names: readonly (keyof DnsProbeOptions)[], allowed: string): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) throw new InvalidOptionError(`${OWNER}: ${given}`, options[given], allowed);
}

/** A server to ask, with its port. */
export function serverOf({ server = '', transport }: DnsProbeOptions): {
  readonly host: string;
  readonly port: number;
} {
  const { host = '', port = transport === 'tls' ? 853 : 53 } = parseEndpoint(server) ?? {};
  return { host, port };
}

/** What the options expect of an answer. */
export function expectationOf({ type = 'A', rcode = 'NOERROR', minAnswers, expect = [] }: DnsProbeOptions) {
  return {
    type: recordTypeNumber(type) ?? 0,
    rcode,
    minAnswers: minAnswers ?? (rcode === 'NOERROR' ? 1 : 0),
    expect,
  };
}
