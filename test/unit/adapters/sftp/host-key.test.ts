import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HostKeyError } from '../../../../src/adapters/sftp/index.js';
import { makeSshKey } from '../../../fixtures/sftp/index.js';
import { stage } from './support.js';

const STRANGER = makeSshKey();
const RSA = makeSshKey('rsa');
const ED25519 = makeSshKey();

describe('the key of a server', () => {
  it('that is another than the one given is refused before anything is sent to it, and it is not tried again', async () => {
    const { sftp, server } = await stage({ hostKey: STRANGER.fingerprint });
    const listing = sftp.withSession((client) => client.list('.'));
    await expect(listing).rejects.toBeInstanceOf(HostKeyError);
    await expect(listing).rejects.toMatchObject({
      code: 'ERR_NETPAUSE_SFTP_HOST_KEY',
      problem: 'changed',
      host: `[127.0.0.1]:${server.port}`,
      keyType: 'ssh-ed25519',
      fingerprint: server.hostKeys[0]?.fingerprint,
    });
    expect(server.connections).toBe(1);
    expect(server.logins).toBe(0);
  });

  it('may be given whole', async () => {
    const { sftp } = await stage({ hostKey: ED25519.publicKey }, { hostKeys: [ED25519] });
    await expect(sftp.withSession((client) => client.list('.'))).resolves.toEqual([]);
  });

  it('is compared itself, whatever hash ssh2 is told to make of it', async () => {
    const { connect, server } = await stage();
    const config = { host: '127.0.0.1', port: server.port, username: 'user', password: 'secret', hostHash: 'sha256' };
    await expect(connect({ connect: config }).withSession((client) => client.list('.'))).resolves.toEqual([]);
  });

  it("may be judged by ssh2's own hostVerifier", async () => {
    const { connect, server } = await stage();
    const seen: Buffer[] = [];
    const other = connect({
      hostKey: undefined,
      connect: {
        host: '127.0.0.1',
        port: server.port,
        username: 'user',
        password: 'secret',
        hostVerifier: (key: Buffer) => {
          seen.push(key);
          return false;
        },
      },
    });
    await expect(other.withSession((client) => client.list('.'))).rejects.toThrow(/Host denied/);
    expect(seen).toHaveLength(1);
    expect(server.connections).toBe(1);
  });

  it.each([
    ['unknown', () => `elsewhere ${STRANGER.publicKey}\n`],
    ['changed', (name: string) => `${name} ${STRANGER.publicKey}\n`],
    ['revoked', (name: string) => `${name} ${ED25519.publicKey}\n@revoked * ${ED25519.publicKey}\n`],
  ] as const)('is refused where the known_hosts file has it as %s', async (problem, text) => {
    const { connect, server, local } = await stage({}, { hostKeys: [ED25519] });
    writeFileSync(local('known_hosts'), text(`[127.0.0.1]:${server.port}`));
    const other = connect({ hostKey: undefined, knownHosts: local('known_hosts') });
    await expect(other.withSession((client) => client.list('.'))).rejects.toMatchObject({ problem });
    expect(server.logins).toBe(0);
  });

  it('is asked for in the type that the known_hosts file has', async () => {
    const { connect, server, local } = await stage({}, { hostKeys: [ED25519, RSA] });
    writeFileSync(local('known_hosts'), `[127.0.0.1]:${server.port} ${RSA.publicKey}\n`);
    const other = connect({ hostKey: undefined, knownHosts: local('known_hosts') });
    await expect(other.withSession((client) => client.list('.'))).resolves.toBeDefined();
  });
});
