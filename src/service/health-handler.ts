import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkOptions } from '../options/index.js';
import {
  checkSubject,
  type HealthReport,
  type HealthSubject,
  livenessReport,
  READINESS_RULES,
  type ReadinessOptions,
  readinessReport,
} from './health-report.js';

/** Answers a request of `node:http`; express takes it as it is, fastify as `(request, reply) => handler(request.raw, reply.hijack().raw)`. */
export type HealthHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Answers a liveness probe: 200 for as long as the process can answer at all, whatever the network does; see {@link livenessReport}.
 *
 * @throws {InvalidOptionError} where the network is none.
 *
 * @example
 * ```
 * app.get('/livez', livenessHandler(monitor));
 * ```
 */
export function livenessHandler(network: HealthSubject): HealthHandler {
  checkSubject('livenessHandler', network);
  return answering(() => livenessReport(network));
}

/**
 * Answers a readiness probe: 200, or 503 while the service should be sent no work; see {@link readinessReport}.
 *
 * @throws {InvalidOptionError} where an option has a wrong name or type.
 *
 * @example
 * ```
 * app.get('/readyz', readinessHandler(monitor, { stopping: shutdown.stopping }));
 * ```
 */
export function readinessHandler(network: HealthSubject, options: ReadinessOptions = {}): HealthHandler {
  checkSubject('readinessHandler', network);
  checkOptions('readinessHandler', options, READINESS_RULES);
  return answering(() => readinessReport(network, options));
}

function answering(report: () => HealthReport): HealthHandler {
  return ({ method }, response) => {
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end();
      return;
    }
    const health = report();
    const body = JSON.stringify(health);
    response.writeHead(health.status === 'pass' ? 200 : 503, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      // An answer from a cache would be about another moment.
      'Cache-Control': 'no-store',
    });
    response.end(method === 'HEAD' ? undefined : body);
  };
}
