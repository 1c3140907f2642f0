export { type Endpoint, formatEndpoint, parseEndpoint } from './endpoint.js';
export { isHost } from './host.js';
export { addressesInHostsFile, lookUpHostsFile } from './hosts-file.js';
