export type { Via } from '../shared/http-options.js';
export { type AxiosOptions, networkAwareAxios } from './network-aware-axios.js';
