export { escapeHtml } from './api-docs.js';
export type { RateLimit } from './client-rates.js';
export type { EventSource, StreamedEvent } from './event-stream.js';
export type { ServerTls, WebServiceOptions } from './service-options.js';
export { type StaticFile, type StaticFileOptions, serveStatic } from './static-files.js';
export { isToken, MOST_TOKENS, type Tokens } from './token-gate.js';
export { type ApiInfo, type Listening, type ServiceEnvironment, WebService } from './web-service.js';
