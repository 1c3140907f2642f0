export { canonicalAddress, formatIpv4, formatIpv6, type Ip, type IpFamily, parseIp } from './address-text.js';
export { type Endpoint, formatEndpoint, parseEndpoint } from './endpoint.js';
export { isHost } from './host.js';
export { addressesInHostsFile, lookUpHostsFile } from './hosts-file.js';
export { blockListOf, type Network, parseNetwork } from './network.js';
