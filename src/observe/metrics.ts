import type { DownReason } from '../state/index.js';
import type { Metric } from './metric.js';

/** Seconds: from a round trip in a data centre to a check that waits out its timeout. */
const ROUND_TRIPS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds: from a link that flaps to a site that is cut off for a day. */
const OUTAGES = [0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];
/** Seconds: from a call that succeeds at once to a transfer that takes all night. */
const OPERATIONS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400];

/** The reasons for which a network goes down. */
export const DOWN_REASONS = [
  'no-carrier',
  'link-down',
  'no-address',
  'no-route',
  'unreachable',
] as const satisfies readonly DownReason[];

/** What is measured of a monitor. */
export const NETWORK_METRICS = {
  state: {
    name: 'network.state',
    kind: 'gauge',
    labels: ['state'],
    help: '1 for the state that the network is in (unknown, up, degraded, down), 0 for the others.',
  },
  stateTime: {
    name: 'network.state.time',
    kind: 'counter',
    unit: 's',
    labels: ['state'],
    help: 'Time that the network has spent in each state since the metrics were attached.',
  },
  flapping: {
    name: 'network.flapping',
    kind: 'gauge',
    labels: [],
    help: '1 while the network goes down so often that paused operations restart one at a time.',
  },
  outages: {
    name: 'outages',
    kind: 'counter',
    labels: ['reason'],
    help: 'Times that the network went down, by the first reason: no-carrier, link-down, no-address, no-route (the kernel has no path) or unreachable (there is a path, and nobody answers).',
  },
  outageDuration: {
    name: 'outage.duration',
    kind: 'histogram',
    unit: 's',
    labels: ['reason'],
    buckets: OUTAGES,
    help: 'Length of outages that have ended: from the state down to any other, by the first reason.',
  },
  detection: {
    name: 'outage.detection',
    kind: 'histogram',
    unit: 's',
    labels: [],
    buckets: ROUND_TRIPS,
    help: 'Time from the start of the first check that failed to the state down, for outages with the reason unreachable. How long the network had been away before that check started is not known: up to a check interval. Outages that the kernel tells of are not in here: they are known with its event, whose own time it does not tell.',
  },
  recovery: {
    name: 'outage.recovery',
    kind: 'histogram',
    unit: 's',
    labels: [],
    buckets: ROUND_TRIPS,
    help: 'Time from the first sign that the network is back to the end of the outage. The sign is whatever came first: the event that the interface in question is up again, a path in the kernel, or the start of a check that was answered. Outages that ended because work got through are not in here.',
  },
  checks: {
    name: 'checks',
    kind: 'counter',
    labels: ['host', 'port', 'result'],
    help: 'Connectivity checks that have ended, by result (success or failure; a refused connect is a success). The host is a check host of the options; all others, such as destinations of work, are together as other.',
  },
  checkDuration: {
    name: 'check.duration',
    kind: 'histogram',
    unit: 's',
    labels: ['host', 'port'],
    buckets: ROUND_TRIPS,
    help: 'Time that connectivity checks took that succeeded; a failed one takes as long as its timeout.',
  },
  linkEvents: {
    name: 'link.events',
    kind: 'counter',
    labels: ['change'],
    help: 'Interfaces that came (added), went (removed) or changed.',
  },
  monitorErrors: {
    name: 'monitor.errors',
    kind: 'counter',
    labels: [],
    help: 'Times that links, addresses or routes could not be read; the monitor goes on.',
  },
  monitorInfo: {
    name: 'monitor.info',
    kind: 'gauge',
    labels: ['source'],
    help: '1, labelled with where the knowledge of links and routes comes from: netlink is the best, then proc, then interfaces; none while the monitor is not running.',
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** What is measured of calls; each also has the label `operation` where that is asked for. */
export const RETRY_METRICS = {
  paused: {
    name: 'operations.paused',
    kind: 'gauge',
    labels: [],
    help: 'Operations that wait for the network at this moment.',
  },
  operations: {
    name: 'operations',
    kind: 'counter',
    labels: ['result'],
    help: 'Operations that are over, by result: success or failure (an aborted one has failed).',
  },
  operationDuration: {
    name: 'operation.duration',
    kind: 'histogram',
    unit: 's',
    labels: ['result'],
    buckets: OPERATIONS,
    help: 'Time that operations took as a whole, with all attempts, backoffs and pauses.',
  },
  attempts: {
    name: 'attempts',
    kind: 'counter',
    labels: ['kind'],
    help: 'Attempts that have started: regular, or trial (made although the network is said to be down, to find out whether that is true).',
  },
  failedAttempts: {
    name: 'attempts.failed',
    kind: 'counter',
    labels: ['spent'],
    help: 'Attempts that have failed, and whether that counted against the retries: false where an outage was to blame.',
  },
  savedAttempts: {
    name: 'attempts.saved',
    kind: 'counter',
    labels: [],
    help: 'Regular attempts that an outage cost and that did not count against the retries. Retries that a pause made unnecessary are not in here: nobody knows how many there would have been.',
  },
  pauses: {
    name: 'pauses',
    kind: 'counter',
    labels: ['reason'],
    help: 'Times that an operation began to wait for the network, by the reason why it was down.',
  },
  pauseDuration: {
    name: 'pause.duration',
    kind: 'histogram',
    unit: 's',
    labels: [],
    buckets: OUTAGES,
    help: 'Length of pauses after which the operation went on; those that ended with it are not in here.',
  },
  resumeDelay: {
    name: 'resume.delay',
    kind: 'histogram',
    unit: 's',
    labels: [],
    buckets: ROUND_TRIPS,
    help: "Time from the end of the monitor's outage to the moment at which an operation that had waited for it went on: what the resume gate adds, so that not all come back at once. Needs a monitor.",
  },
} as const satisfies Readonly<Record<string, Metric>>;
