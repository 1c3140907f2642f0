import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../src/probes/failure.js';

const error = (code: string, syscall?: string) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

describe('failureOf', () => {
  it.each([
    ['ECONNREFUSED', 'connect', 'failed', 'target', 'refused'],
    ['ECONNRESET', 'read', 'failed', 'target', 'reset'],
    ['ETIMEDOUT', 'connect', 'failed', 'path', 'timeout'],
    ['EHOSTUNREACH', 'connect', 'failed', 'path', 'host-unreachable'],
    ['ENETUNREACH', 'connect', 'inconclusive', 'local', 'no-route'],
    ['EMFILE', 'connect', 'inconclusive', 'local', 'no-descriptors'],
    ['EADDRNOTAVAIL', 'bind', 'inconclusive', 'local', 'no-address'],
    ['EPERM', 'connect', 'inconclusive', 'local', 'not-allowed'],
    ['ENOTFOUND', 'queryA', 'failed', 'resolver', 'name-not-found'],
    ['ENOTFOUND', 'getaddrinfo', 'failed', 'resolver', 'name-not-found'],
    ['ETIMEOUT', 'queryAaaa', 'failed', 'resolver', 'resolver-timeout'],
    ['ECONNREFUSED', 'queryA', 'failed', 'resolver', 'resolver-refused'],
    ['ESERVFAIL', 'queryA', 'failed', 'resolver', 'resolver-failed'],
  ])('reads %s of %s as %s by the %s: %s', (code, syscall, status, failureSource, reason) => {
    expect(failureOf(error(code, syscall))).toEqual({
      status,
      failureSource,
      reason,
      message: `${syscall} ${code}`,
    });
  });

  it('makes nothing of what is no error of the system', () => {
    expect(failureOf(error('ERR_TLS_CERT_ALTNAME_INVALID'))).toBeUndefined();
    expect(failureOf(new TypeError('a bug'))).toBeUndefined();
    expect(failureOf('text')).toBeUndefined();
    expect(failureOf(null)).toBeUndefined();
  });
});
