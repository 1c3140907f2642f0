import type { FailureSource, ProbeFailure } from './result.js';

/** The answer is not what it should be. */
export function failedBy(failureSource: FailureSource, reason: string, message: string): ProbeFailure {
  return { status: 'failed', failureSource, reason, message };
}

/** This host could not even ask: no evidence on anybody else. */
export function inconclusive(reason: string, message: string): ProbeFailure {
  return { status: 'inconclusive', failureSource: 'local', reason, message };
}

/** The time of a probe was over before an answer came. */
export function timedOut(timeout: number, waitingFor: string): ProbeFailure {
  return failedBy('path', 'timeout', `${waitingFor} did not come within ${timeout} ms`);
}

/**
 * What the error of a name look-up, a connect, a send or a receive says, by its code alone.
 *
 * @returns undefined for an error that is none of the system's.
 */
export function failureOf(error: unknown): ProbeFailure | undefined {
  const { code, syscall } = fieldsOf(error);
  if (code === undefined) return undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (isLookup(syscall)) return failedBy('resolver', RESOLVER_REASONS.get(code) ?? 'resolver-failed', message);
  const [source, reason] = REASONS.get(code) ?? [];
  if (source === undefined || reason === undefined) return undefined;
  return source === 'local' ? inconclusive(reason, message) : failedBy(source, reason, message);
}

function fieldsOf(error: unknown): { readonly code?: string; readonly syscall?: string } {
  if (typeof error !== 'object' || error === null) return {};
  const code = Reflect.get(error, 'code');
  const syscall = Reflect.get(error, 'syscall');
  return { ...(typeof code === 'string' && { code }), ...(typeof syscall === 'string' && { syscall }) };
}

/** c-ares names its calls after the record, as `queryA`; for addresses of names it is getaddrinfo(3), for names of addresses `getHostByAddr`. */
function isLookup(syscall: string | undefined): boolean {
  return (
    syscall !== undefined && (syscall.startsWith('query') || syscall === 'getaddrinfo' || syscall === 'getHostByAddr')
  );
}

const RESOLVER_REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'name-not-found'],
  ['ENODATA', 'name-not-found'],
  ['EAI_NONAME', 'name-not-found'],
  ['EAI_NODATA', 'name-not-found'],
  ['ETIMEOUT', 'resolver-timeout'],
  ['EAI_AGAIN', 'resolver-timeout'],
  ['ECONNREFUSED', 'resolver-refused'],
  ['EREFUSED', 'resolver-refused'],
]);

/** connect(2), send(2), recv(2), socket(2), bind(2), ip(7), tcp(7). */
const REASONS: ReadonlyMap<string, readonly [FailureSource, string]> = new Map([
  ['ECONNREFUSED', ['target', 'refused']],
  ['ECONNRESET', ['target', 'reset']],
  ['ECONNABORTED', ['target', 'reset']],
  ['EPIPE', ['target', 'reset']],
  ['EPROTO', ['target', 'protocol-error']],
  ['ETIMEDOUT', ['path', 'timeout']],
  ['EHOSTUNREACH', ['path', 'host-unreachable']],
  ['EHOSTDOWN', ['path', 'host-unreachable']],
  ['ENONET', ['path', 'host-unreachable']],
  ['EMSGSIZE', ['path', 'too-big']],
  // Or a router's word, of a connect: whoever has connected asks whether this host knows a way.
  ['ENETUNREACH', ['local', 'no-route']],
  ['ENETDOWN', ['local', 'offline']],
  ['ENODEV', ['local', 'no-interface']],
  ['EADDRNOTAVAIL', ['local', 'no-address']],
  ['EADDRINUSE', ['local', 'no-port']],
  ['EAFNOSUPPORT', ['local', 'unsupported']],
  ['EPROTONOSUPPORT', ['local', 'unsupported']],
  ['EINVAL', ['local', 'not-allowed']],
  ['EACCES', ['local', 'not-allowed']],
  ['EPERM', ['local', 'not-allowed']],
  ['EMFILE', ['local', 'no-descriptors']],
  ['ENFILE', ['local', 'no-descriptors']],
  ['ENOMEM', ['local', 'no-memory']],
  ['ENOBUFS', ['local', 'no-memory']],
]);
