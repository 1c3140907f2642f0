import { describe, expect, it } from 'vitest';
import { blockListOf, parseNetwork } from '../../../src/names/index.js';

describe('networks', () => {
  it.each([
    ['192.0.2.0/24', { address: '192.0.2.0', prefix: 24, family: 'ipv4' }],
    ['192.0.2.1', { address: '192.0.2.1', prefix: 32, family: 'ipv4' }],
    ['2001:db8::/32', { address: '2001:db8::', prefix: 32, family: 'ipv6' }],
    ['::1', { address: '::1', prefix: 128, family: 'ipv6' }],
  ])('are read: %s', (text, network) => {
    expect(parseNetwork(text)).toEqual(network);
  });

  it.each(['', 'localhost', '192.0.2.0/33', '::/129', '192.0.2.0/', '192.0.2.0/-1', 'fe80::1%eth0', '192.0.2/24'])(
    'are not made of %j',
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );

  it('hold their addresses and no others', () => {
    const list = blockListOf(['192.0.2.0/24', 'nonsense', '::1']);
    expect([list.check('192.0.2.255'), list.check('192.0.3.0'), list.check('::1', 'ipv6')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
