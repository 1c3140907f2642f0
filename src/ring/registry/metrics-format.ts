import { parseAccept } from 'hono/utils/accept';

/** Which of its two faces `/metrics` shows. */
export type MetricsFormat = 'json' | 'prometheus';

/**
 * JSON, which the ring's own programs and people with curl ask for; the text of Prometheus where that is asked for by name, and liked better.
 *
 * @param accept the `Accept` header (RFC 9110, section 12.5.1). Prometheus lists its formats and then anything with a low weight; libraries list JSON
 * and text with the same weight.
 */
export function metricsFormat(query: string | undefined, accept: string | undefined): MetricsFormat {
  if (query === 'prometheus' || query === 'json') return query;
  const types = parseAccept(accept ?? '');
  const weightOf = (names: readonly string[]): number =>
    Math.max(0, ...types.filter(({ type }) => names.includes(type.toLowerCase())).map(({ q }) => q));
  const json = weightOf(['application/json']) || weightOf(['application/*', '*/*']);
  return weightOf(['text/plain', 'application/openmetrics-text']) > json ? 'prometheus' : 'json';
}
