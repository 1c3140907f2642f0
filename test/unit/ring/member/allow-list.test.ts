import { describe, expect, it } from 'vitest';
import { AllowList, isLoopback, literalOf } from '../../../../src/ring/member/allow-list.js';

const signal = new AbortController().signal;

describe('what a member may probe', () => {
  const byDefault = new AllowList(undefined, false);

  it.each([
    ['192.0.2.1', true],
    ['10.0.0.1', true],
    ['2001:db8::1', true],
    ['127.0.0.1', false],
    ['::1', false],
    ['::ffff:127.0.0.1', false],
    ['0.0.0.0', false],
    ['::', false],
    ['169.254.169.254', false],
    ['fe80::1', false],
    ['224.0.0.1', false],
    ['ff02::1', false],
    ['255.255.255.255', false],
    ['::ffff:169.254.169.254', false],
    ['64:ff9b::7f00:1', false],
    ['64:ff9b::a9fe:a9fe', false],
    ['64:ff9b::192.0.2.1', true],
    ['2002:7f00:1::', false],
    ['2002:a9fe:a9fe:1::2', false],
    ['2002:c000:201::', true],
    ['::127.0.0.1', false],
    ['fd00:ec2::254', false],
    ['100.100.100.200', false],
    ['fd00::1', true],
    ['nonsense', false],
  ])('by default, %s: %s', (address, isAllowed) => {
    expect(byDefault.allows(address)).toBe(isAllowed);
  });

  it('is loopback too where the registry is there, and still nothing of a link', () => {
    const local = new AllowList(undefined, true);
    expect(['127.0.0.1', '::1', '192.0.2.1', '169.254.169.254', '0.0.0.0'].map((each) => local.allows(each))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('is what the operator lists and nothing else', () => {
    const listed = new AllowList(['192.0.2.0/24', '2001:db8::7'], true);
    const addresses = ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::7', '2001:db8::8', '198.51.100.1', '127.0.0.1'];
    expect(addresses.map((each) => listed.allows(each))).toEqual([true, true, true, false, false, false]);
    expect(new AllowList([], false).allows('192.0.2.1')).toBe(false);
  });

  it.each(['2130706433', '0x7f.1', '127.1', '127.0.0.1.', '0177.0.0.1'])('sees through %s', (host) => {
    expect(literalOf(host)).toBe('127.0.0.1');
    expect(byDefault.mayAllow(host)).toBe(false);
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['999.1.1.1', 'a.0x7f', 'xn--a'])('is never %s, which no URL can have for a host', (host) => {
    expect(byDefault.mayAllow(host)).toBe(false);
    expect(new AllowList(['0.0.0.0/0', '::/0'], true).mayAllow(host)).toBe(false);
  });

  it('leaves names to their addresses, of which only the allowed ones are told', async () => {
    expect(byDefault.mayAllow('db.example')).toBe(true);
    const resolve = byDefault.guard(async (host) => ({
      addresses: host === 'rebound.example' ? ['127.0.0.1', '169.254.169.254'] : ['127.0.0.1', '192.0.2.5'],
      ttl: 5,
    }));
    await expect(resolve('db.example', { family: 'any', signal })).resolves.toEqual({
      addresses: ['192.0.2.5'],
      ttl: 5,
    });
    await expect(resolve('rebound.example', { family: 'any', signal })).rejects.toMatchObject({ code: 'EACCES' });
  });
});
