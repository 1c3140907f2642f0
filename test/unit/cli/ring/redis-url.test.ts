import { describe, expect, it } from 'vitest';
import { readRedisUrl, redisUrlOf, shownRedisUrl } from '../../../../src/cli/ring/registry/redis-url.js';

describe('a URL of Redis', () => {
  it.each([
    ['redis://192.0.2.1', 'redis://192.0.2.1'],
    ['redis://:p%40ss@redis.example.com:6380/2', 'redis://:p%40ss@redis.example.com:6380/2'],
    ['redis://[2001:db8::1]:6379', 'redis://[2001:db8::1]:6379'],
    // The client takes any other spelling for one without TLS.
    ['REDISS://user:secret@redis.example.com', 'rediss://user:secret@redis.example.com'],
  ])('%s is read', (text, expected) => {
    expect(readRedisUrl(text)).toBe(expected);
  });

  it.each([
    '',
    'redis.example.com:6379',
    'http://redis.example.com',
    'redis:///0',
    'redis://redis.example.com/name',
    'redis://redis.example.com?tls=false',
    'redis://redis.example.com#0',
    'redis://:%@redis.example.com',
  ])('%j is none', (text) => {
    expect(readRedisUrl(text)).toBeUndefined();
  });

  it.each([
    [{}, 'redis://127.0.0.1:6379/0'],
    [{ host: 'redis', port: 6380, db: 2 }, 'redis://redis:6380/2'],
    [{ host: '2001:db8::1' }, 'redis://[2001:db8::1]:6379/0'],
    [{ password: 'a@b/c%41:d' }, 'redis://:a%40b%2Fc%2541%3Ad@127.0.0.1:6379/0'],
    [{ username: 'ring', password: 'x' }, 'redis://ring:x@127.0.0.1:6379/0'],
  ])('is made of %j', (parts, expected) => {
    const url = redisUrlOf(parts);
    expect(url).toBe(expected);
    expect(readRedisUrl(url)).toBe(expected);
  });

  it('is shown without user and password', () => {
    expect(shownRedisUrl('rediss://user:secret@redis.example.com:6380/2')).toBe('rediss://redis.example.com:6380/2');
    expect(shownRedisUrl('redis://:secret@[2001:db8::1]:6379/')).toBe('redis://[2001:db8::1]:6379');
  });
});
