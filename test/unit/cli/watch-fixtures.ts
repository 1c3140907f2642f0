import type { DestinationView, Moment, Sample, WatchEvent, Way } from '../../../src/cli/watch/watch-event.js';
import type {
  CheckResult,
  InterfaceStatistics,
  NetworkInterface,
  NetworkReason,
  NetworkState,
} from '../../../src/monitor/index.js';

/** Noon, so that no test depends on the time zone's date. */
const START = new Date(2026, 0, 2, 12, 0, 0).getTime();

/** A moment so many milliseconds after the start. */
export function at(clock: number): Moment {
  return { at: START + clock, clock };
}

export function change(clock: number, from: NetworkState, to: NetworkState, reason: NetworkReason): WatchEvent {
  const moment = at(clock);
  return { ...moment, kind: 'state', change: { from, to, reason, at: moment.at, interface: 'eth0', checks: [] } };
}

export function link(clock: number, name: string): WatchEvent {
  const change = {
    change: 'changed',
    interface: name,
    index: 2,
    up: true,
    carrier: true,
    operState: 'up',
    flapped: false,
  } as const;
  return { ...at(clock), kind: 'link', change };
}

export function check(clock: number, host: string, outcome: 'answers' | 'silent'): WatchEvent {
  return { ...at(clock), kind: 'check', result: aResult(host, outcome) };
}

export function aResult(host: string, outcome: 'answers' | 'silent', port = 53): CheckResult {
  if (outcome === 'answers') return { host, port, reachable: true, duration: 12.3 };
  return { host, port, reachable: false, duration: 3_000, error: 'ETIMEDOUT' };
}

export function anInterface(name: string, statistics: Partial<InterfaceStatistics> = {}): NetworkInterface {
  return {
    name,
    index: 2,
    mtu: 1500,
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    operState: 'up',
    carrier: true,
    addresses: [{ family: 4, address: '192.0.2.2', prefixLength: 24, scope: 'global' }],
    statistics: { ...NO_TRAFFIC, ...statistics },
  };
}

const NO_TRAFFIC: InterfaceStatistics = {
  rxBytes: 0,
  txBytes: 0,
  rxPackets: 0,
  txPackets: 0,
  rxErrors: 0,
  txErrors: 0,
  rxDropped: 0,
  txDropped: 0,
};

export const OPEN: Way = {
  kind: 'open',
  egress: { ifIndex: 2, interface: 'eth0', gateway: '192.0.2.1', source: '192.0.2.2' },
};

export function aDestination(destination: string, way: Way = OPEN): DestinationView {
  const isClosed = way.kind === 'closed';
  return { destination, way, state: isClosed ? 'down' : 'up', reason: isClosed ? way.reason : 'reachable' };
}

interface SampleFacts {
  readonly state?: NetworkState;
  readonly reason?: NetworkReason;
  readonly interfaces?: readonly NetworkInterface[];
  readonly hosts?: readonly DestinationView[];
  readonly destinations?: readonly DestinationView[];
  readonly checks?: readonly CheckResult[];
}

export function aSample(clock: number, facts: SampleFacts = {}): WatchEvent {
  const { state = 'up', reason = 'reachable', interfaces = [], hosts = [], destinations = [], checks = [] } = facts;
  const egress = state === 'up' && OPEN.kind === 'open' ? { egress: OPEN.egress } : {};
  const sample: Sample = {
    snapshot: { state, reason, since: 0, source: 'netlink', ffi: 'koffi', checks, ...egress },
    interfaces,
    checkHosts: hosts,
    destinations,
  };
  return { ...at(clock), kind: 'sample', sample };
}
