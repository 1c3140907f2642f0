import { describe, expect, it } from 'vitest';
import { loadCommonJsPeer, loadPeer } from '../../../../src/adapters/shared/load-peer.js';
import { MissingPackageError } from '../../../../src/errors/index.js';

class Client {}

describe('a peer', () => {
  it('is given as it is imported', async () => {
    const module = { default: Client, other: 1 };
    await expect(loadPeer('client', 'netpause/client', async () => module)).resolves.toBe(module);
  });

  it('of CommonJS is the same whether it was imported or, in a CommonJS bundle, required', async () => {
    const load = (loaded: unknown) => Reflect.apply(loadCommonJsPeer, undefined, ['client', 'a', async () => loaded]);
    await expect(load({ default: Client })).resolves.toBe(Client);
    await expect(load(Client)).resolves.toBe(Client);
  });

  it.each([loadPeer, loadCommonJsPeer])('that is not installed is named, with who needs it: %o', async (load) => {
    const notFound = Object.assign(new Error("Cannot find package 'client' imported from here"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    const loading = load('client', 'netpause/client', () => Promise.reject(notFound));
    await expect(loading).rejects.toBeInstanceOf(MissingPackageError);
    await expect(loading).rejects.toThrow('netpause/client needs client, which is not installed: npm install client');
  });
});
