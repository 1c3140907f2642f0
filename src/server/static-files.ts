import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context } from 'hono';
import { parseAccept } from 'hono/utils/accept';

/** A file of a page. */
export interface StaticFile {
  /** Its media type, with the character set of texts. */
  readonly type: string;
  readonly text: string;
  /** Names this content and no other. */
  readonly hash: string;
}

/** What a file may be kept for. */
export interface StaticFileOptions {
  /** Whether its address changes with its content, so that it never has to be asked for again. */
  readonly isImmutable: boolean;
  /** What the page may load and do. @default nothing but its own style sheet */
  readonly policy?: string | undefined;
}

/** Answers with a file, compressed as the client likes it best; with 304 where the client has it already (RFC 9110, section 13.1.2). */
export async function serveStatic(
  context: Context,
  file: StaticFile,
  { isImmutable, policy }: StaticFileOptions,
): Promise<Response> {
  const coding = codingFor(context.req.header('accept-encoding'));
  const tag = `"${file.hash}-${coding}"`;
  const headers = {
    etag: tag,
    vary: 'accept-encoding',
    'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(policy !== undefined && { 'content-security-policy': policy }),
  };
  if (isKnown(context.req.header('if-none-match'), tag)) return context.body(null, 304, headers);
  return context.body(await encoded(file, coding), 200, {
    ...headers,
    'content-type': file.type,
    ...(coding !== 'identity' && { 'content-encoding': coding }),
  });
}

type Coding = 'br' | 'gzip' | 'identity';

function codingFor(accepted: string | undefined): Coding {
  const codings = parseAccept(accepted ?? '').filter(({ q }) => q > 0);
  return (['br', 'gzip'] as const).find((coding) => codings.some(({ type }) => type === coding)) ?? 'identity';
}

function isKnown(header: string | undefined, tag: string): boolean {
  const tags = (header ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return tags.includes(tag) || tags.includes('*');
}

/** Each is compressed once. */
const ENCODED = new WeakMap<StaticFile, Map<Coding, Promise<ArrayBuffer>>>();

function encoded(file: StaticFile, coding: Coding): Promise<ArrayBuffer> {
  const known = ENCODED.get(file) ?? new Map<Coding, Promise<ArrayBuffer>>();
  ENCODED.set(file, known);
  const bytes = known.get(coding) ?? encode(file.text, coding);
  known.set(coding, bytes);
  return bytes;
}

async function encode(text: string, coding: Coding): Promise<ArrayBuffer> {
  const bytes = Buffer.from(text);
  return new Uint8Array(await codings[coding](bytes)).buffer;
}

const codings: Readonly<Record<Coding, (bytes: Buffer) => Promise<Uint8Array>>> = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
  identity: async (bytes) => bytes,
};
