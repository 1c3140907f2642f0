export { type KyOptions, networkAwareKy } from './network-aware-ky.js';
