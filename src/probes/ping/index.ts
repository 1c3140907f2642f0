export type { PingProbeOptions } from './ping-options.js';
export type { PingError, PingFacts, PingMethod, PingPhase, PingResult } from './ping-result.js';
export { createPinger, Pinger, type PingerCounters } from './pinger.js';
export { checkPingOptions, probePing } from './probe-ping.js';
export type { RttStatistics } from './rtt-statistics.js';
