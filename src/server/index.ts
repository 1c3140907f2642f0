export { escapeHtml } from './api-docs.js';
export type { RateLimit } from './client-rates.js';
export type { EventSource, StreamedEvent } from './event-stream.js';
export { isLoopbackAddress, type ServerTls, type WebServiceOptions } from './service-options.js';
export { serveStatic } from './static-files.js';
export { isToken, MOST_TOKENS, type Tokens } from './token-gate.js';
export { type Listening, WebService } from './web-service.js';
