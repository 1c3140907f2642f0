import isNetworkError from 'is-network-error';

/**
 * What a failure says about the network.
 *
 * - `network`: it is of the kind that a lost network causes. Whether the network was lost only the monitor knows.
 * - `response`: somebody answered, so the network was there; `retryAfter` is the wait in milliseconds that the answer asked for.
 * - `local`: this process or host ran out of something, or may not do it. No evidence of the network either way.
 * - `unknown`: nothing in it speaks of the network.
 *
 * `nothingSent` is true only where the failure proves that no byte of the request left, because there was no connection yet.
 */
export type FailureClass =
  | { readonly kind: 'network'; readonly code?: string; readonly nothingSent: boolean }
  | { readonly kind: 'response'; readonly status: number; readonly retryAfter?: number; readonly nothingSent: false }
  | { readonly kind: 'local'; readonly code: string; readonly nothingSent: boolean }
  | { readonly kind: 'unknown'; readonly nothingSent: false };

/**
 * Says what a failure is evidence of, by its values alone: the HTTP status (`$metadata.httpStatusCode`, `status`, `statusCode`,
 * `response.status`), the `code`, and the same of its `cause` and of `AggregateError.errors`. A message is read only by is-network-error,
 * which knows the exact words of each `fetch`.
 *
 * @example
 * ```
 * classifyFailure(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }));
 * //=> { kind: 'network', code: 'ECONNREFUSED', nothingSent: true }
 * ```
 */
export function classifyFailure(error: unknown): FailureClass {
  return byValues(error, MAX_DEPTH) ?? byMessage(error) ?? UNKNOWN;
}

/**
 * Whether it was refused by this machine in a way that the loss of a route or an address can bring about, among other causes; which of them it
 * was, the kernel knows.
 */
export function mayBeRouting(failure: FailureClass): boolean {
  return failure.kind === 'local' && failure.nothingSent && ROUTING_CODES.has(failure.code);
}

/** What a connect or a bind ends with where the address to start from is gone, the route is a blackhole, or prohibits (ip-route(8)). */
const ROUTING_CODES: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EINVAL', 'EACCES']);

/** Causes deeper than this say nothing about the request any more; it also ends circular ones. */
const MAX_DEPTH = 8;

const UNKNOWN: FailureClass = Object.freeze({ kind: 'unknown', nothingSent: false });

/**
 * The first link of the chain of causes that says something decides: a client that wraps an error knows more than what it wrapped. A code of
 * somebody else's, as of a certificate that was refused, says that it was not the network, whatever the message.
 */
function byValues(error: unknown, depth: number): FailureClass | undefined {
  if (!isObject(error) || depth === 0) return undefined;
  return (
    byStatus(error) ??
    byParts(error['errors'], depth) ??
    byCode(error) ??
    byValues(error['cause'], depth - 1) ??
    (typeof error['code'] === 'string' ? UNKNOWN : undefined)
  );
}

function byStatus(error: Fields): FailureClass | undefined {
  // The exit status of a child process (child_process.execFile and its kin) is no answer of a server.
  if ('pid' in error || 'spawnargs' in error || 'stderr' in error) return undefined;
  const status = [
    field(error['$metadata'], 'httpStatusCode'),
    error['status'],
    error['statusCode'],
    field(error['response'], 'status'),
    field(error['response'], 'statusCode'),
  ].find(isStatus);
  if (status === undefined) return undefined;
  const retryAfter = retryAfterOf(error);
  return { kind: 'response', status, nothingSent: false, ...(retryAfter !== undefined && { retryAfter }) };
}

/** Of errors that happened side by side, an answer outweighs a failed connection, and that outweighs everything else. */
function byParts(errors: unknown, depth: number): FailureClass | undefined {
  if (!Array.isArray(errors)) return undefined;
  const parts = errors.slice(0, MAX_PARTS).map((part) => byValues(part, depth - 1) ?? UNKNOWN);
  const response = parts.find((part) => part.kind === 'response');
  if (response !== undefined) return response;
  const network = parts.find((part) => part.kind === 'network');
  if (network === undefined) return parts.find((part) => part.kind === 'local');
  return { ...network, nothingSent: errors.length <= MAX_PARTS && parts.every((part) => part.nothingSent) };
}

/** More addresses than any name has that one connect goes through. */
const MAX_PARTS = 32;

function byCode(error: Fields): FailureClass | undefined {
  const { code } = error;
  if (typeof code === 'string') {
    if (LOCAL_CODES.has(code) || (code === 'EINVAL' && failedToConnect(error))) {
      return { kind: 'local', code, nothingSent: failedToConnect(error) };
    }
    if (NETWORK_CODES.has(code)) return { kind: 'network', code, nothingSent: failedToConnect(error) };
  }
  // A name, not a message: the DOMException of AbortSignal.timeout(), and what the AWS SDK throws for ETIMEDOUT.
  return error['name'] === 'TimeoutError' ? { kind: 'network', nothingSent: false } : undefined;
}

function byMessage(error: unknown): FailureClass | undefined {
  return isNetworkError(error) ? { kind: 'network', nothingSent: false } : undefined;
}

/** Whether it failed before there was a connection to send anything over: looking up the name, or connecting. */
function failedToConnect({ code, cause, syscall: own }: Fields): boolean {
  if (typeof code === 'string' && CONNECT_CODES.has(code)) return true;
  // axios takes over the code of what it wraps, and not the system call.
  const syscall = own ?? (field(cause, 'code') === code ? field(cause, 'syscall') : undefined);
  // c-ares names its system calls after the record: queryA, queryAaaa.
  if (typeof syscall === 'string') return EARLY_CALLS.has(syscall) || syscall.startsWith('query');
  // Over UDP a refusal answers what was sent before, but then the system call is named.
  return code === 'ECONNREFUSED';
}

const EARLY_CALLS: ReadonlySet<unknown> = new Set(['bind', 'connect', 'getaddrinfo']);

/** Codes that only a name look-up or a connect can end with. */
const CONNECT_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN', // getaddrinfo(3)
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'ENOTFOUND', // Node's name for the two above, and c-ares
  'ERR_SOCKET_CONNECTION_TIMEOUT', // node:net, one address of several (autoSelectFamily)
  'UND_ERR_CONNECT_TIMEOUT', // undici
]);

const NETWORK_CODES: ReadonlySet<string> = new Set([
  ...CONNECT_CODES,
  // connect(2), send(2), recv(2), tcp(7)
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENONET',
  'ENOTCONN',
  'EPIPE',
  'ETIMEDOUT',
  // c-ares
  'ENODATA',
  'ESERVFAIL',
  'ETIMEOUT',
  // node:http, node:http2, node:net, node:tls
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  // undici
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_SOCKET',
  // axios, request
  'ERR_NETWORK',
  'ESOCKETTIMEDOUT',
]);

/** This process or host: too many files, no memory, no port or address left, forbidden by a firewall rule or a sandbox. */
const LOCAL_CODES: ReadonlySet<string> = new Set([
  'EACCES',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'ENOSPC',
  'EPERM',
]);

/** RFC 9110, section 10.2.3, in milliseconds: seconds, or a date, which is read against the Date of the same answer and not by our clock. */
function retryAfterOf(error: Fields): number | undefined {
  for (const holder of [error, error['response'], error['$response']]) {
    const headers = field(holder, 'headers');
    const value = header(headers, 'Retry-After');
    if (value === undefined) continue;
    if (/^\d+$/.test(value)) return Number(value) * 1000;
    const wait = Date.parse(value) - Date.parse(header(headers, 'Date') ?? '');
    return Number.isNaN(wait) ? undefined : Math.max(0, wait);
  }
  return undefined;
}

function header(headers: unknown, name: string): string | undefined {
  const get = field(headers, 'get');
  // By shape: fetch's Headers, those of the undici package and axios's are three classes.
  const value =
    typeof get === 'function'
      ? Reflect.apply(get, headers, [name])
      : (field(headers, name.toLowerCase()) ?? field(headers, name));
  return typeof value === 'string' ? value.trim() : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}
