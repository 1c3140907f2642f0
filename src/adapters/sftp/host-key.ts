import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Algorithms } from 'ssh2';
import { HostKeyError, type HostKeyProblem } from './host-key-error.js';
import { type KnownKey, keysFor, knownHostName } from './known-hosts.js';

/**
 * How the server's key is judged.
 *
 * - `caller`: by the `hostVerifier` of ssh2's own configuration.
 * - `keys`: it has to be one of these, each a fingerprint (`SHA256:…`) or a public key in base64.
 * - `known-hosts`: it has to stand in this file.
 * - `any`: it is not judged, and whoever sits on the way can read along.
 */
export type HostKeyPolicy =
  | { readonly kind: 'caller' }
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'known-hosts'; readonly file: string }
  | { readonly kind: 'any' };

/** What a connection needs to judge the server by. */
export interface HostKeyCheck {
  /** @returns why the key is refused; undefined where it is the right one. */
  readonly refuse: (key: Buffer) => HostKeyError | undefined;
  /** In which order the types of keys are asked for, where that matters. */
  readonly serverHostKey: Algorithms['serverHostKey'];
}

/** Gets ready to judge the key of a server. Undefined where there is nothing for us to judge. */
export async function hostKeyCheck(
  policy: HostKeyPolicy,
  host: string,
  port: number,
): Promise<HostKeyCheck | undefined> {
  if (policy.kind === 'keys') return checkByKeys(policy.keys, knownHostName(host, port));
  if (policy.kind !== 'known-hosts') return undefined;
  const name = knownHostName(host, port);
  // Read for each connection: the file may be changed while a service runs.
  return checkByKnownKeys(keysFor(name, await readFile(policy.file, 'utf8')), name);
}

/** As `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function checkByKeys(keys: readonly string[], name: string): HostKeyCheck {
  const accepted = new Set(keys.map((key) => key.replace(/=+$/, '')));
  const isAccepted = (key: Buffer): boolean =>
    accepted.has(fingerprintOf(key)) || accepted.has(key.toString('base64').replace(/=+$/, ''));
  return {
    refuse: (key) => (isAccepted(key) ? undefined : errorFor('changed', name, key)),
    serverHostKey: orderFor([...accepted].flatMap((key) => (key.startsWith('SHA256:') ? [] : [typeOf(decode(key))]))),
  };
}

function checkByKnownKeys(known: readonly KnownKey[], name: string): HostKeyCheck {
  const valid = known.filter(({ isRevoked }) => !isRevoked);
  return {
    refuse(key) {
      const text = key.toString('base64');
      if (known.some((each) => each.isRevoked && each.key === text)) return errorFor('revoked', name, key);
      if (valid.some((each) => each.key === text)) return undefined;
      return errorFor(valid.length === 0 ? 'unknown' : 'changed', name, key);
    },
    serverHostKey: orderFor(valid.map(({ type }) => type)),
  };
}

function errorFor(problem: HostKeyProblem, name: string, key: Buffer): HostKeyError {
  return new HostKeyError(problem, name, typeOf(key), fingerprintOf(key));
}

/** A key begins with the name of its type, behind four bytes of length (RFC 4253, section 6.6). */
function typeOf(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  return key.toString('latin1', 4, 4 + Math.min(length, 64));
}

function decode(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

/**
 * A server has a key of each type, and shows the one that is asked for first. So those that can be compared are asked for first, as
 * OpenSSH's client does (order_hostkeyalgs in sshconnect2.c): or a server whose known key is RSA would seem to have changed it.
 */
function orderFor(types: readonly string[]): Algorithms['serverHostKey'] {
  const known = HOST_KEY_ALGORITHMS.filter(([type]) => types.includes(type));
  if (known.length === 0) return undefined;
  const others = HOST_KEY_ALGORITHMS.filter(([type]) => !types.includes(type));
  return [...known, ...others].flatMap(([, algorithms]) => algorithms);
}

/** The types of keys that ssh2 asks for by default, in its order (DEFAULT_SERVER_HOST_KEY), and the algorithms that each can sign by. */
const HOST_KEY_ALGORITHMS = [
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']],
] as const;
