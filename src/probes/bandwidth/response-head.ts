/** The head of a final response, as far as a download needs it. */
export interface ResponseHead {
  readonly status: number;
  /** Of everything up to the body, in bytes. */
  readonly length: number;
  /** Of the body, in bytes; absent where it is not announced. */
  readonly contentLength?: number;
  /** Of the body, in lower case and without parameters. */
  readonly mediaType?: string;
}

/**
 * Reads the head of an HTTP/1.1 response (RFC 9112) behind interim responses (RFC 9110 section 15.2), if there are any. Only what a download is
 * made of is understood: a body with an announced length, or none.
 *
 * @param bytes what has come so far.
 * @returns undefined where more has to come; `'malformed'` for what is none.
 */
export function readFinalHead(bytes: Buffer): ResponseHead | 'malformed' | undefined {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', start);
    if (end === -1) return bytes.length < LONGEST_HEAD ? undefined : 'malformed';
    const head = parseHead(bytes.toString('latin1', start, end), end + 4);
    if (head === 'malformed' || !isInterim(head)) return head;
    start = end + 4;
  }
}

/** 101 is the last that comes by this protocol. */
function isInterim({ status }: ResponseHead): boolean {
  return status < 200 && status !== 101;
}

function parseHead(text: string, length: number): ResponseHead | 'malformed' {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const [, digits] = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(statusLine) ?? [];
  const fields = readFields(lines);
  if (digits === undefined || fields === undefined) return 'malformed';
  const contentLength = fields.get('content-length');
  if (contentLength !== undefined && !/^\d{1,15}$/.test(contentLength)) return 'malformed';
  // Whatever length is announced beside it says nothing (RFC 9112 section 6.3).
  const isChunked = fields.has('transfer-encoding');
  const mediaType = fields.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return {
    status: Number(digits),
    length,
    ...(contentLength !== undefined && !isChunked && { contentLength: Number(contentLength) }),
    ...(mediaType !== undefined && { mediaType }),
  };
}

/** @returns undefined where a line is no field, or one is there twice that may not be. */
function readFields(lines: readonly string[]): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    if (key === 'content-length' && fields.has(key)) return undefined;
    // Not by the pattern, which takes the square of the length for a value with many spaces in it.
    fields.set(key, value.trim());
  }
  return fields;
}

/** In bytes. */
const LONGEST_HEAD = 16_384;
