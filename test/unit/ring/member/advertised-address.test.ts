import { describe, expect, it } from 'vitest';
import type { ResolveHost } from '../../../../src/probes/index.js';
import { sourceAddressTowards } from '../../../../src/ring/member/advertised-address.js';

const { signal } = new AbortController();

function knows(...addresses: string[]): ResolveHost {
  return async () => ({ addresses });
}

describe('the address that a member tells others', () => {
  it('is the one that the kernel would send from to the registry', async () => {
    await expect(sourceAddressTowards('127.0.0.1', 8_756, knows(), signal)).resolves.toBe('127.0.0.1');
    await expect(sourceAddressTowards('registry.example', 8_756, knows('127.0.0.1'), signal)).resolves.toBe(
      '127.0.0.1',
    );
  });

  it('is that of the first of its addresses that can be reached', async () => {
    // A socket that has not asked for broadcast may not connect to its address (socket(7), SO_BROADCAST).
    const resolve = knows('255.255.255.255', '127.0.0.1');
    await expect(sourceAddressTowards('registry.example', 8_756, resolve, signal)).resolves.toBe('127.0.0.1');
  });

  it('is none where the registry has none', async () => {
    await expect(sourceAddressTowards('registry.example', 8_756, knows(), signal)).rejects.toThrow('has no address');
    const fails: ResolveHost = async () => {
      throw new Error('no such name');
    };
    await expect(sourceAddressTowards('registry.example', 8_756, fails, signal)).rejects.toThrow('no such name');
  });
});
