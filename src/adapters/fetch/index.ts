export type { Via } from '../shared/http-options.js';
export { type AnswerHeaders, HttpStatusError } from '../shared/http-status-error.js';
export { ChecksumError } from './checksum-error.js';
export {
  createFetch,
  type FetchBody,
  type FetchInit,
  type FetchOptions,
  type NetworkAwareFetch,
  networkAwareFetch,
} from './create-fetch.js';
export type { Digest } from './digest.js';
export { type DownloadOptions, type DownloadProgress, type DownloadResult, download } from './download.js';
export { DownloadError } from './download-error.js';
export { StalledError } from './stalled-error.js';
