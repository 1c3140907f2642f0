import { describe, expect, it } from 'vitest';
import { resolveHost } from '../../../src/probes/resolve-host.js';

const never = new AbortController().signal;

// Names that the hosts file or nobody knows: no question leaves this machine but to its own resolver.
describe('resolveHost', () => {
  it('takes an IP address for itself', async () => {
    expect(await resolveHost('192.0.2.1', { family: 'any', signal: never })).toEqual({ addresses: ['192.0.2.1'] });
    expect(await resolveHost('2001:db8::1', { family: 4, signal: never })).toEqual({ addresses: ['2001:db8::1'] });
  });

  it('reads the hosts file, by family', async () => {
    const { addresses } = await resolveHost('localhost', { family: 4, signal: never });
    expect(addresses).toEqual(['127.0.0.1']);
  });

  it('rejects with the reason of a signal that has aborted', async () => {
    const reason = new Error('enough');
    const options = { family: 'any', signal: AbortSignal.abort(reason) } as const;
    await expect(resolveHost('localhost', options)).rejects.toBe(reason);
  });
});
