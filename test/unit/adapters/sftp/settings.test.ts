import { describe, expect, it } from 'vitest';
import { createSftp, type SftpOptions } from '../../../../src/adapters/sftp/index.js';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';

const FINGERPRINT = `SHA256:${'a'.repeat(43)}`;
const CONNECT = { host: 'sftp.example.com', username: 'me', password: 'wizardry' };
const GOOD: SftpOptions = { connect: CONNECT, hostKey: FINGERPRINT, network: new SimulatedNetwork() };

describe('createSftp', () => {
  it.each<[string, Partial<SftpOptions>]>([
    ['a fingerprint', { hostKey: FINGERPRINT }],
    ['several', { hostKey: [FINGERPRINT, `${FINGERPRINT}=`] }],
    ['a public key', { hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG me@here' }],
    ['a known_hosts file', { hostKey: undefined, knownHosts: '/etc/ssh/ssh_known_hosts' }],
    ["ssh2's own hostVerifier", { hostKey: undefined, connect: { ...CONNECT, hostVerifier: () => true } }],
    ['that any will do', { hostKey: 'insecure-accept-any' }],
  ])('takes %s as what the server is known by', (_what, options) => {
    expect(() => createSftp({ ...GOOD, ...options })).not.toThrow();
  });

  it('does not connect to a server that nothing is known of, and says what to give', () => {
    const make = () => createSftp({ connect: CONNECT, network: new SimulatedNetwork() });
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(/createSftp: hostKey must be .*SHA256:.*knownHosts.*insecure-accept-any/);
  });

  it.each<[string, Record<string, unknown>]>([
    ['hostKey', { hostKey: 'MD5:00:11' }],
    ['hostKey', { hostKey: [] }],
    ['hostKey', { hostKey: [FINGERPRINT, 'insecure-accept-any'] }],
    ['hostKey', { knownHosts: '/a' }],
    ['connect.host', { connect: { username: 'me' } }],
    ['connect.port', { connect: { host: 'a', port: 0 } }],
    ['connect.keepaliveInterval', { connect: { host: 'a', keepaliveInterval: -1 } }],
    ['connect.sock', { connect: { host: 'a', sock: {} } }],
    ['via', { via: '' }],
    ['idleTimeout', { idleTimeout: 'long' }],
    ['openSocket', { openSocket: {} }],
    ['hostkey', { hostkey: 'a' }],
    ['retries', { retries: -1 }],
  ])('refuses a wrong %s', (name, options) => {
    const make = () => Reflect.construct(createSftpClass(), [{ ...GOOD, ...options }]);
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(`: ${name} must be `);
  });

  it.each<[string, unknown]>([
    ['createSftp: options', 'sftp://me:wizardry@example.com'],
    ['createSftp: password', { ...GOOD, password: 'wizardry' }],
    ['createSftp: privateKey', { ...GOOD, privateKey: 'wizardry' }],
  ])('never shows what is in the wrong place: %s', (name, options) => {
    const make = () => Reflect.construct(createSftpClass(), [options]);
    expect(make).toThrow(`${name} must be `);
    expect(make).not.toThrow(/wizardry/);
  });

  it.each([undefined, 'sftp://me:wizardry@example.com', 1])('never shows what is in a configuration: %s', (connect) => {
    const make = () => Reflect.construct(createSftpClass(), [{ ...GOOD, connect }]);
    expect(make).toThrow(/connect must be/);
    expect(make).not.toThrow(/wizardry/);
  });

  it.each([
    [{ verify: 'some' }, 'uploadFile: verify'],
    [{ window: 1024 }, 'uploadFile: window'],
    [{ window: 2 ** 21 }, 'uploadFile: window'],
    [{ mode: 0o10000 }, 'uploadFile: mode'],
    [{ partial: 'rm' }, 'uploadFile: partial'],
    [{ network: new SimulatedNetwork() }, 'uploadFile: network'],
    [{ signal: 'now' }, 'uploadFile: signal'],
    [{ verfy: 'full' }, 'verfy'],
  ])('refuses a wrong option of an upload: %j', async (options, name) => {
    const upload = Reflect.apply(createSftp(GOOD).uploadFile, createSftp(GOOD), [import.meta.filename, 'b', options]);
    await expect(upload).rejects.toThrow(`${name} must be `);
    await expect(upload).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it.each([
    ['', 'b'],
    ['a', ''],
    ['a\0', 'b'],
    [1, 'b'],
  ])('refuses what is no path: %j, %j', async (local, remote) => {
    const upload = Reflect.apply(createSftp(GOOD).uploadFile, createSftp(GOOD), [local, remote]);
    await expect(upload).rejects.toBeInstanceOf(InvalidOptionError);
  });
});

/** Called in ways that do not compile. */
function createSftpClass() {
  return createSftp(GOOD).constructor;
}
