import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { throwIfAborted } from '../../events/index.js';

/** A checksum of a whole content. */
export interface Digest {
  /** As `node:crypto` names it. */
  readonly algorithm: 'sha256' | 'sha512';
  /** The checksum, in hexadecimal digits. */
  readonly hex: string;
}

/**
 * The checksum that a server names for the whole content, also in answers that bring a part of it: Repr-Digest (RFC 9530), or Digest (RFC 3230),
 * which it has replaced.
 */
export function digestIn(headers: Headers): Digest | undefined {
  return (
    parse(headers.get('Repr-Digest'), /^(sha-256|sha-512)=:([\w+/=]+):$/i) ??
    parse(headers.get('Digest'), /^(sha-256|sha-512)=([\w+/=]+)$/i)
  );
}

/** Of a file, in hex. */
export async function hashOf(
  path: string,
  algorithm: Digest['algorithm'],
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: READ_SIZE })) {
    throwIfAborted(signal);
    hash.update(chunk);
  }
  return hash.digest('hex');
}

const READ_SIZE = 1024 * 1024;

function parse(list: string | null, pattern: RegExp): Digest | undefined {
  for (const member of list?.split(',') ?? []) {
    const [, name = '', base64 = ''] = pattern.exec(member.trim()) ?? [];
    const algorithm = name.toLowerCase() === 'sha-512' ? 'sha512' : 'sha256';
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length === LENGTHS[algorithm]) return { algorithm, hex: bytes.toString('hex') };
  }
  return undefined;
}

export function isDigest(value: unknown): value is Digest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'algorithm' in value &&
    (value.algorithm === 'sha256' || value.algorithm === 'sha512') &&
    'hex' in value &&
    typeof value.hex === 'string'
  );
}

/** In bytes. */
const LENGTHS = { sha256: 32, sha512: 64 } as const;
