/**
 * What If-Range can be asked with, so that a part is continued only with bytes of the same content: a strong ETag, or else a Last-Modified
 * that is strong, because the answer was made at least a second later (RFC 9110, sections 8.8.2.2 and 13.1.5).
 */
export function strongValidator(headers: Headers): string | undefined {
  const etag = headers.get('ETag');
  if (etag !== null) return /^"[^"]*"$/.test(etag) ? etag : undefined;
  const modified = headers.get('Last-Modified');
  if (modified === null) return undefined;
  const age = Date.parse(headers.get('Date') ?? '') - Date.parse(modified);
  return age >= 1000 ? modified : undefined;
}
