import { type Digest, digestIn } from './digest.js';
import { strongValidator } from './validator.js';

/** Of what content a part is. */
export interface Content {
  /** For If-Range: a strong ETag or Last-Modified. Without one a part cannot be continued. */
  readonly validator: string | undefined;
  /** Of the whole, in bytes, where it is known. */
  readonly length?: number | undefined;
  /** Of the whole, where the server names it. */
  readonly digest?: Digest | undefined;
}

/** That the rest of a content was asked for, from this offset on. */
export interface AskedForRest {
  readonly offset: number;
  readonly content: Content;
}

/**
 * What is to be done with an answer.
 *
 * - `continue`: it brings what follows.
 * - `anew`: it brings the whole, from the start.
 * - `whole`: there is nothing that follows.
 * - `outdated`: the part is of no use any more, and the whole has to be asked for.
 * - `refused`: by its status.
 * - `contradiction`: it cannot be true.
 */
export type Step =
  | { readonly kind: 'anew'; readonly content: Content }
  | { readonly kind: 'continue' /** Of the whole, in bytes, where it is said. */; readonly length: number | undefined }
  | { readonly kind: 'whole' | 'outdated' | 'refused' }
  | { readonly kind: 'contradiction'; readonly what: string };

/** Answer → step, by RFC 9110, sections 13.1.5, 14.4 and 15.5.17. Pure. */
export function judgeAnswer(status: number, headers: Headers, asked: AskedForRest | undefined): Step {
  if (status === 206) return asked === undefined ? UNASKED : judgePart(headers, asked);
  if (status === 416 && asked !== undefined) return judgeUnsatisfiable(headers, asked);
  return status >= 200 && status < 300 && status !== 204 && status !== 205 ? anew(headers) : { kind: 'refused' };
}

const UNASKED: Step = { kind: 'contradiction', what: 'it is a part (206), though the whole was asked for' };

function judgePart(headers: Headers, { offset, content }: AskedForRest): Step {
  const range = contentRange(headers);
  if (range?.kind !== 'part')
    return { kind: 'contradiction', what: 'a part (206) without a Content-Range that says of what' };
  if (range.start !== offset) {
    return { kind: 'contradiction', what: `it begins at byte ${range.start}, though ${offset} was asked for` };
  }
  const validator = headers.get(isETag(content.validator) ? 'ETag' : 'Last-Modified');
  const isOther =
    isEncoded(headers) ||
    (validator !== null && validator !== content.validator) ||
    (range.total !== undefined && content.length !== undefined && range.total !== content.length);
  // If-Range should have kept the server from sending it: not all heed it.
  return isOther ? { kind: 'outdated' } : { kind: 'continue', length: range.total };
}

/** With nothing missing, there is nothing to send. */
function judgeUnsatisfiable(headers: Headers, { offset }: AskedForRest): Step {
  const range = contentRange(headers);
  return range?.kind === 'unsatisfied' && range.total === offset ? { kind: 'whole' } : { kind: 'outdated' };
}

/** Of what comes encoded although it should not, neither length nor range nor checksum are those of the file. */
function anew(headers: Headers): Step {
  if (isEncoded(headers)) return { kind: 'anew', content: { validator: undefined } };
  const length = headers.get('Content-Length');
  const content = {
    validator: strongValidator(headers),
    length: length !== null && /^\d+$/.test(length) ? Number(length) : undefined,
    digest: digestIn(headers),
  };
  return { kind: 'anew', content };
}

type ContentRange =
  | { readonly kind: 'part'; readonly start: number; readonly total: number | undefined }
  | { readonly kind: 'unsatisfied'; readonly total: number };

/** RFC 9110, section 14.4. */
function contentRange(headers: Headers): ContentRange | undefined {
  const [, start, end, total, size] =
    /^bytes (?:(\d+)-(\d+)\/(\d+|\*)|\*\/(\d+))$/i.exec(headers.get('Content-Range') ?? '') ?? [];
  if (size !== undefined) return { kind: 'unsatisfied', total: Number(size) };
  if (start === undefined || Number(end) < Number(start)) return undefined;
  return { kind: 'part', start: Number(start), total: total === '*' ? undefined : Number(total) };
}

function isEncoded(headers: Headers): boolean {
  const encoding = headers.get('Content-Encoding');
  return encoding !== null && encoding.trim() !== '' && encoding.trim().toLowerCase() !== 'identity';
}

function isETag(validator: string | undefined): boolean {
  return validator?.startsWith('"') === true;
}
