import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** How the parts are checked on their way: by S3, which is told the checksum with each part and computes its own. */
export type ChecksumAlgorithm = 'CRC32' | 'SHA256';

/** A checksum as S3 writes it: base64 of the big-endian digest. */
export function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  return rawChecksum(algorithm, bytes).toString('base64');
}

/**
 * The checksum of a multipart object: that of its parts' raw checksums one after the other, and their number.
 *
 * Source: Amazon S3 User Guide, "Checking object integrity", composite checksums.
 */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly string[]): string {
  const raw = parts.map((part) => Buffer.from(part, 'base64'));
  return `${checksumOf(algorithm, Buffer.concat(raw))}-${parts.length}`;
}

/** MD5 in hex, as S3 makes the ETag of what it stores in one piece and does not encrypt by keys of its own service. */
export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** The ETag of a multipart object whose parts have MD5s for ETags; `undefined` where they have others. */
export function compositeETag(parts: readonly string[]): string | undefined {
  const md5s = parts.map(unquoted);
  if (!md5s.every(isMd5)) return undefined;
  return `${md5Of(Buffer.from(md5s.join(''), 'hex'))}-${parts.length}`;
}

export function isMd5(etag: string): boolean {
  return /^[0-9a-f]{32}$/.test(etag);
}

/** An ETag without the quotation marks that it travels in. */
export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

function rawChecksum(algorithm: ChecksumAlgorithm, bytes: Uint8Array): Buffer {
  if (algorithm === 'SHA256') return createHash('sha256').update(bytes).digest();
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(bytes));
  return digest;
}
