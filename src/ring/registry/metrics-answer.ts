import type { ReportedMetrics } from '../wire/index.js';

/** Characters that are sent together. */
const CHUNK = 65_536;

/**
 * The answer to `GET /metrics` as JSON. The reports of a large ring have many megabytes: they are read and sent one after another, as fast as the
 * client takes them, so that they are never in memory all at once.
 */
export function metricsAnswer(
  reported: Iterable<readonly [id: string, metrics: ReportedMetrics]>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const texts = textsOf(reported);
  return new ReadableStream({
    pull(controller) {
      let chunk = '';
      for (let next = texts.next(); next.done !== true; next = texts.next()) {
        chunk += next.value;
        if (chunk.length >= CHUNK) break;
      }
      if (chunk === '') controller.close();
      else controller.enqueue(encoder.encode(chunk));
    },
  });
}

/** Of a `MetricsResponse`. */
function* textsOf(reported: Iterable<readonly [id: string, metrics: ReportedMetrics]>): Generator<string> {
  yield '{"metrics":{';
  let separator = '';
  for (const [id, metrics] of reported) {
    yield `${separator}${JSON.stringify(id)}:${JSON.stringify(metrics)}`;
    separator = ',';
  }
  yield '}}';
}
