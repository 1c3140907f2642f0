/**
 * Whether a request may be sent twice: by its method, or because it carries an Idempotency-Key, by which the server knows the second as the
 * first (draft-ietf-httpapi-idempotency-key-header).
 */
export function isIdempotent(method: string, hasIdempotencyKey: boolean): boolean {
  return hasIdempotencyKey || IDEMPOTENT_METHODS.has(method.toUpperCase());
}

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/** As `node:http` has it, for looking through header objects. */
export const IDEMPOTENCY_KEY = 'idempotency-key';
