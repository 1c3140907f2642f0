export type { DnsFacts, DnsResult } from './dns-facts.js';
export { checkDnsOptions, type DnsProbeOptions, type DnsTlsOptions, type DnsTransport } from './dns-options.js';
export type { DnsPhase } from './exchange.js';
export type { DnsAnswer } from './message.js';
export type { DnsFlags } from './outline.js';
export { probeDns } from './probe-dns.js';
