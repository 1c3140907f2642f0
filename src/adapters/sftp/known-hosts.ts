import { createHmac } from 'node:crypto';

/** A key that a known_hosts file has for a host. */
export interface KnownKey {
  /** Such as `'ssh-ed25519'`. */
  readonly type: string;
  /** The key as it goes over the wire, in base64. */
  readonly key: string;
  readonly isRevoked: boolean;
}

/** The name of a host in a known_hosts file: with its port, unless that is SSH's own. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/**
 * The keys that the text of a known_hosts file has for a name (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): plain names, patterns, and names that
 * are hashed. Lines of certificate authorities are passed over, for ssh2 knows no host certificates.
 */
export function keysFor(name: string, text: string): readonly KnownKey[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [hosts, type, key] = words;
    if (hosts === undefined || type === undefined || key === undefined || hosts.startsWith('#')) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    return isNamed(name, hosts) ? [{ type, key, isRevoked: marker === '@revoked' }] : [];
  });
}

function isNamed(name: string, hosts: string): boolean {
  if (hosts.startsWith('|')) return isHashOf(name, hosts);
  const patterns = hosts.toLowerCase().split(',');
  const isExcluded = patterns.some((pattern) => pattern.startsWith('!') && matches(name, pattern.slice(1)));
  return !isExcluded && patterns.some((pattern) => matches(name, pattern));
}

/** `|1|salt|hash`, by HMAC-SHA1 (hostfile.c of OpenSSH). */
function isHashOf(name: string, hashed: string): boolean {
  const [, version, salt = '', hash] = hashed.split('|');
  return version === '1' && createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` and `?`, as in match.c of OpenSSH; everything else stands for itself. */
function matches(name: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return name === pattern;
  const literal = (text: string): string => text.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return new RegExp(`^${literal(pattern).replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
}
