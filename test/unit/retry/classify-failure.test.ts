import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyFailure } from '../../../src/retry/index.js';

const error = (fields: object, message = 'test'): Error => Object.assign(new Error(message), fields);
/** With the code of what it wraps, and not its system call. */
const wrapped = (cause: { readonly code: string; readonly syscall: string }): Error =>
  error({ code: cause.code, cause: error(cause) });
const fetchFailed = (cause?: unknown): TypeError => new TypeError('fetch failed', { cause });

describe('network: of the kind that a lost network causes', () => {
  it.each([
    ['a reset', error({ code: 'ECONNRESET', syscall: 'read' }), false],
    ['a broken pipe', error({ code: 'EPIPE', syscall: 'write' }), false],
    ['a refused connect', error({ code: 'ECONNREFUSED', syscall: 'connect' }), true],
    ['a refusal of unknown origin', error({ code: 'ECONNREFUSED' }), true],
    ['a refused datagram, sent before', error({ code: 'ECONNREFUSED', syscall: 'recvmsg' }), false],
    ['a host that cannot be reached', error({ code: 'EHOSTUNREACH', syscall: 'connect' }), true],
    ['a host that could be reached until now', error({ code: 'EHOSTUNREACH', syscall: 'read' }), false],
    ['no network', error({ code: 'ENETUNREACH', syscall: 'connect' }), true],
    ['a connect that timed out', error({ code: 'ETIMEDOUT', syscall: 'connect' }), true],
    ['a connection that timed out', error({ code: 'ETIMEDOUT', syscall: 'read' }), false],
    ['a name server out of reach', error({ code: 'EAI_AGAIN', syscall: 'getaddrinfo' }), true],
    ['a name that is unknown', error({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }), true],
    ['c-ares out of time', error({ code: 'ETIMEOUT', syscall: 'queryAaaa' }), true],
    ["undici's connect timeout", fetchFailed(error({ code: 'UND_ERR_CONNECT_TIMEOUT' })), true],
    ["undici's socket error", fetchFailed(error({ code: 'UND_ERR_SOCKET' })), false],
    ["undici's body that was cut short", fetchFailed(error({ code: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' })), false],
    ['what axios makes of a failed connect', wrapped({ code: 'ENETUNREACH', syscall: 'connect' }), true],
    ['what axios makes of a connection that broke', wrapped({ code: 'ECONNRESET', syscall: 'read' }), false],
    ['fetch, of no stated cause', fetchFailed(), false],
    ['fetch, of a cause without a code', fetchFailed(new Error('other side closed')), false],
    ['AbortSignal.timeout()', new DOMException('timed out', 'TimeoutError'), false],
    ["the AWS SDK's TimeoutError", error({ name: 'TimeoutError', $metadata: { attempts: 1 } }), false],
    ['an error behind others', error({ cause: error({ cause: error({ code: 'ECONNRESET' }) }) }), false],
  ])('%s', (_what, failure, nothingSent) => {
    expect(classifyFailure(failure)).toMatchObject({ kind: 'network', nothingSent });
  });

  it('all addresses of a name, where none could be connected to', () => {
    const failed = new AggregateError([
      error({ code: 'ENETUNREACH', syscall: 'connect', address: '2001:db8::1' }),
      error({ code: 'ETIMEDOUT', syscall: 'connect', address: '192.0.2.1' }),
    ]);
    expect(classifyFailure(failed)).toEqual({ kind: 'network', code: 'ENETUNREACH', nothingSent: true });
    expect(classifyFailure(fetchFailed(Object.assign(failed, { code: 'ETIMEDOUT' })))).toMatchObject({
      kind: 'network',
      nothingSent: true,
    });
  });

  it('several requests, of which one may have been sent', () => {
    const failed = new AggregateError([error({ code: 'ECONNREFUSED' }), error({ code: 'ECONNRESET' })]);
    expect(classifyFailure(failed)).toMatchObject({ kind: 'network', nothingSent: false });
  });

  it('a connect for which one of the addresses was no local address', () => {
    const failed = new AggregateError([
      error({ code: 'EADDRNOTAVAIL', syscall: 'connect' }),
      error({ code: 'EHOSTUNREACH', syscall: 'connect' }),
    ]);
    expect(classifyFailure(failed)).toMatchObject({ kind: 'network', nothingSent: true });
  });
});

describe('response: somebody answered', () => {
  it.each([
    ['the AWS SDK', error({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } }), 503],
    ['fetch wrappers', error({ status: 500 }), 500],
    ['http-errors', error({ statusCode: 404, status: 404 }), 404],
    ['axios', error({ code: 'ERR_BAD_RESPONSE', response: { status: 502 } }), 502],
    ['got', error({ code: 'ERR_NON_2XX_3XX_RESPONSE', response: { statusCode: 429 } }), 429],
    ['a wrapper', error({ cause: error({ status: 403 }) }), 403],
    ['one of several', new AggregateError([error({ code: 'ECONNREFUSED' }), error({ status: 403 })]), 403],
  ])('%s', (_what, failure, status) => {
    expect(classifyFailure(failure)).toEqual({ kind: 'response', status, nothingSent: false });
  });

  it.each([0, 99, 600, 200.5, '500', null])('but not with a status of %s', (status) => {
    expect(classifyFailure(error({ status }))).toMatchObject({ kind: 'unknown' });
  });

  it('what the wrapping error says goes before what it wraps', () => {
    expect(classifyFailure(error({ status: 502, cause: error({ code: 'ECONNRESET' }) })).kind).toBe('response');
  });

  it.each([
    ['seconds', { headers: { 'retry-after': '120' } }, 120_000],
    ['another spelling', { headers: { 'Retry-After': ' 1 ' } }, 1000],
    ['Headers of fetch', { headers: new Headers({ 'retry-after': '3' }) }, 3000],
    ['headers of the response', { response: { headers: new Headers({ 'retry-after': '3' }) } }, 3000],
    ['headers of the SDK', { $response: { headers: { 'retry-after': '3' } } }, 3000],
    [
      "a date, read by the server's own clock",
      { headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT', Date: 'Wed, 21 Oct 2015 07:28:00 GMT' } },
      30_000,
    ],
    [
      'a date that has passed',
      { headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT', Date: 'Wed, 21 Oct 2015 07:28:30 GMT' } },
      0,
    ],
  ])('with a Retry-After in %s', (_what, fields, retryAfter) => {
    expect(classifyFailure(error({ status: 503, ...fields }))).toMatchObject({ retryAfter });
  });

  it.each([
    ['a date without a clock', { headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT' } }],
    ['nonsense', { headers: { 'retry-after': 'soon' } }],
    ['a negative number', { headers: { 'retry-after': '-1', date: 'x' } }],
    ['no string', { headers: { 'retry-after': {} } }],
  ])('ignores a Retry-After of %s', (_what, fields) => {
    expect(classifyFailure(error({ status: 503, ...fields }))).not.toHaveProperty('retryAfter');
  });
});

describe('local: no evidence of the network', () => {
  it('EINVAL of a connect, which is what a blackhole route says, and of nothing else', () => {
    const refused = classifyFailure(error({ code: 'EINVAL', syscall: 'connect' }));
    expect(refused).toEqual({ kind: 'local', code: 'EINVAL', nothingSent: true });
    expect(classifyFailure(error({ code: 'EINVAL', syscall: 'open' })).kind).toBe('unknown');
  });

  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EADDRNOTAVAIL', 'EADDRINUSE', 'EPERM', 'EACCES'])('%s', (code) => {
    expect(classifyFailure(error({ code }))).toEqual({ kind: 'local', code, nothingSent: false });
    expect(classifyFailure(error({ code, syscall: 'connect' }))).toEqual({ kind: 'local', code, nothingSent: true });
    expect(classifyFailure(fetchFailed(error({ code })))).toMatchObject({ kind: 'local' });
  });
});

describe('unknown', () => {
  it.each([
    ['an error', new Error('something')],
    ['an error that speaks of the network', new Error('connect ECONNREFUSED network timeout')],
    ['a bug', new TypeError('undefined is not a function')],
    ['an abort', new DOMException('aborted', 'AbortError')],
    ['a refused certificate, though fetch says that it failed', fetchFailed(error({ code: 'CERT_HAS_EXPIRED' }))],
    ['a code that is a number', error({ code: 14 })],
    ['a string', 'ECONNRESET'],
    ['nothing', undefined],
    ['null', null],
    ['no errors', new AggregateError([])],
  ])('%s', (_what, failure) => {
    expect(classifyFailure(failure)).toEqual({ kind: 'unknown', nothingSent: false });
  });
});

it('comes to an end and never throws, whatever was thrown', () => {
  const circular = error({ code: 'SOMETHING' });
  Object.assign(circular, { cause: circular, errors: [circular, circular, circular] });
  expect(classifyFailure(circular)).toMatchObject({ kind: 'unknown' });
  const names = ['code', 'cause', 'errors', 'status', 'response', 'headers', '$metadata', 'message', 'name', 'syscall'];
  fc.assert(
    fc.property(fc.object({ key: fc.constantFrom(...names), maxDepth: 4 }), (fields) => {
      expect(['network', 'response', 'local', 'unknown']).toContain(classifyFailure(fields).kind);
    }),
  );
});
