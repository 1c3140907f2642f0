export { type BandwidthHandler, createBandwidthHandler } from './bandwidth-handler.js';
export { type BandwidthProbeOptions, checkBandwidthOptions, parseBandwidthTarget } from './bandwidth-options.js';
export type { BandwidthFacts, BandwidthPhase, BandwidthResult, DirectionFacts } from './bandwidth-result.js';
export { type BandwidthServer, createBandwidthServer } from './create-bandwidth-server.js';
export { probeBandwidth } from './probe-bandwidth.js';
export type { BandwidthHandlerOptions, BandwidthServerOptions } from './server-options.js';
export type { TcpSummary } from './tcp-tally.js';
export type { Throughput } from './throughput.js';
