import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keysFor, knownHostName } from '../../../../src/adapters/sftp/known-hosts.js';

const keys = (name: string, text: string) => keysFor(name, text).map(({ key }) => key);

function hashed(name: string): string {
  const salt = Buffer.from('0123456789abcdefghij');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('a known_hosts file', () => {
  it('names a host with its port, unless it is 22', () => {
    expect(knownHostName('Example.com', 22)).toBe('example.com');
    expect(knownHostName('example.com', 2222)).toBe('[example.com]:2222');
    expect(knownHostName('2001:db8::1', 2222)).toBe('[2001:db8::1]:2222');
  });

  it('has several keys for a host, and several hosts for a key', () => {
    const text = 'a,b ssh-ed25519 AAAA1\nb ssh-rsa AAAA2 comment\n\n# b ssh-rsa AAAA3\nc ssh-rsa AAAA4';
    expect(keys('b', text)).toEqual(['AAAA1', 'AAAA2']);
    expect(keys('d', text)).toEqual([]);
  });

  it('finds a name that is hashed', () => {
    const text = `${hashed('[example.com]:2222')} ssh-ed25519 AAAA1\n${hashed('other')} ssh-ed25519 AAAA2`;
    expect(keys('[example.com]:2222', text)).toEqual(['AAAA1']);
  });

  it.each([
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'example.com', false],
    ['10.0.0.?', '10.0.0.7', true],
    ['10.0.0.?', '10.0.0.77', false],
    ['10.0.0.?', '10x0.0.7', false],
    ['[*]:2222', '[a]:2222', true],
    ['*,!secret', 'secret', false],
    ['!secret,*', 'open', true],
  ])('has patterns: %s and %s', (pattern, name, isFound) => {
    expect(keys(name, `${pattern} ssh-ed25519 AAAA1`)).toEqual(isFound ? ['AAAA1'] : []);
  });

  it('says which keys are revoked, and what authorities sign is passed over', () => {
    const text = '@revoked * ssh-rsa AAAA1\n@cert-authority * ssh-rsa AAAA2\na ssh-rsa AAAA3';
    expect(keysFor('a', text)).toEqual([
      { type: 'ssh-rsa', key: 'AAAA1', isRevoked: true },
      { type: 'ssh-rsa', key: 'AAAA3', isRevoked: false },
    ]);
  });
});
