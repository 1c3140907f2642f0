export type { Via } from '../shared/http-options.js';
export { type AnswerHeaders, HttpStatusError } from '../shared/http-status-error.js';
export { type InterceptorOptions, networkAwareInterceptor } from './network-aware-interceptor.js';
