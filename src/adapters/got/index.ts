export type { HttpOptions, Via } from '../shared/http-options.js';
export { type GotOptions, networkAwareGot } from './network-aware-got.js';
