import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { resolveDestination } from '../../../src/monitor/destination.js';

describe('resolveDestination', () => {
  it.each([
    ['192.0.2.1', { host: '192.0.2.1' }],
    ['192.0.2.1:22', { host: '192.0.2.1', port: 22 }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['[2001:db8::1]', { host: '2001:db8::1' }],
    ['[2001:db8::1]:443', { host: '2001:db8::1', port: 443 }],
    ['sftp.example.com', { host: 'sftp.example.com' }],
    ['sftp.example.com:2222', { host: 'sftp.example.com', port: 2222 }],
    ['https://s3.example.com/bucket', { host: 's3.example.com', port: 443 }],
    ['http://[2001:db8::1]:8080/', { host: '2001:db8::1', port: 8080 }],
    ['sftp://files.example.com/upload', { host: 'files.example.com', port: 22 }],
    ['custom://files.example.com', { host: 'files.example.com' }],
  ])('reads %s', (text, endpoint) => {
    expect(resolveDestination(text)).toEqual(endpoint);
  });

  it('reads what the work really connects to, where that is something else', () => {
    expect(resolveDestination('s3.example.com:443', { via: 'proxy:3128' })).toEqual({ host: 'proxy', port: 3128 });
  });

  it.each([
    [{ via: '' }],
    [{ via: 'a b' }],
    [{ source: 'eth0' }],
    [{ source: 'fe80::1%eth0' }],
    [{ mark: -1 }],
    [{ mark: 2 ** 32 }],
    [{ interface: '' }],
    [{ port: 22 }],
  ])('refuses %o', (options) => {
    expect(() => Reflect.apply(resolveDestination, undefined, ['192.0.2.1', options])).toThrow(InvalidOptionError);
  });
});
