/** The head of a response, as far as a download needs it. */
export interface ResponseHead {
  readonly status: number;
  /** Of the head itself, in bytes. */
  readonly length: number;
  /** Of the body, in bytes; absent where it is not announced. */
  readonly contentLength?: number;
  readonly contentType?: string;
}

/**
 * Reads the head of an HTTP/1.1 response (RFC 9112). Only what a download is made of is understood: a body with an announced length, or none.
 *
 * @param bytes what has come so far.
 * @returns undefined where more has to come; `'malformed'` for what is none.
 */
export function readHead(bytes: Buffer): ResponseHead | 'malformed' | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return bytes.length < LONGEST_HEAD ? undefined : 'malformed';
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, digits] = /^HTTP\/1\.[01] ([2-5]\d\d)(?: |$)/.exec(statusLine) ?? [];
  const fields = readFields(lines);
  if (digits === undefined || fields === undefined) return 'malformed';
  const contentLength = fields.get('content-length');
  if (contentLength !== undefined && !/^\d{1,15}$/.test(contentLength)) return 'malformed';
  // Whatever length is announced beside it says nothing (RFC 9112 section 6.3).
  const isChunked = fields.has('transfer-encoding');
  const contentType = fields.get('content-type');
  return {
    status: Number(digits),
    length: end + 4,
    ...(contentLength !== undefined && !isChunked && { contentLength: Number(contentLength) }),
    ...(contentType !== undefined && { contentType }),
  };
}

/** @returns undefined where a line is no field, or one is there twice that may not be. */
function readFields(lines: readonly string[]): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    if (key === 'content-length' && fields.has(key)) return undefined;
    fields.set(key, value);
  }
  return fields;
}

/** In bytes. */
const LONGEST_HEAD = 16_384;
