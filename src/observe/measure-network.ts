import { plainText } from '../log/index.js';
import type { CheckResult, LinkChange, NetworkChange, NetworkMonitor } from '../monitor/index.js';
import type { Instruments, Labels, Sample } from './metric.js';
import { DOWN_REASONS, NETWORK_METRICS } from './metrics.js';
import { OutageClock } from './outage-clock.js';
import { STATES, StateClock } from './state-clock.js';
import { Tally } from './tally.js';

/** What is measured of a network beside its metrics, for others to measure against. */
export interface NetworkMeasurement {
  readonly outages: OutageClock;
  detach(): void;
}

/** Measures a monitor until it is detached. */
export function measureNetwork(monitor: NetworkMonitor, instruments: Instruments): NetworkMeasurement {
  const outages = new OutageClock();
  const detachments = [
    measureState(monitor, instruments),
    measureOutages(monitor, outages, instruments),
    measureChecks(monitor, outages, instruments),
    measureLinks(monitor, outages, instruments),
  ];
  return {
    outages,
    detach: () => {
      for (const detach of detachments) detach();
    },
  };
}

function measureState(monitor: NetworkMonitor, instruments: Instruments): () => void {
  const clock = new StateClock(monitor.state, performance.now());
  const eachState = (read: (state: (typeof STATES)[number]) => number) => () =>
    STATES.map((state): Sample => ({ labels: { state }, value: read(state) }));
  instruments.observe(
    NETWORK_METRICS.state,
    eachState((state) => Number(state === monitor.state)),
  );
  instruments.observe(
    NETWORK_METRICS.stateTime,
    eachState((state) => clock.timeIn(state, performance.now()) / 1_000),
  );
  instruments.observe(NETWORK_METRICS.flapping, () => [{ labels: {}, value: Number(monitor.flapping) }]);
  instruments.observe(NETWORK_METRICS.monitorInfo, () => [{ labels: { source: monitor.snapshot().source }, value: 1 }]);
  return monitor.onChange(({ to }) => clock.enter(to, performance.now()));
}

function measureOutages(monitor: NetworkMonitor, clock: OutageClock, instruments: Instruments): () => void {
  const outages = new Tally();
  for (const reason of DOWN_REASONS) outages.show({ reason });
  instruments.observe(NETWORK_METRICS.outages, () => outages.read());
  const recordDetection = instruments.histogram(NETWORK_METRICS.detection);
  const recordDuration = instruments.histogram(NETWORK_METRICS.outageDuration);
  const recordRecovery = instruments.histogram(NETWORK_METRICS.recovery);
  // By onChange, not by the event `state`: it tells of another reason for the same outage too.
  return monitor.onChange((change: NetworkChange) => {
    const outage = clock.noteChange(change, performance.now());
    if (outage?.kind === 'begin') {
      outages.add({ reason: outage.reason });
      if (outage.detection !== undefined) recordDetection({}, outage.detection / 1_000);
    }
    if (outage?.kind === 'end') {
      recordDuration({ reason: outage.reason }, outage.duration / 1_000);
      if (outage.recovery !== undefined) recordRecovery({}, outage.recovery / 1_000);
    }
  });
}

function measureChecks(monitor: NetworkMonitor, clock: OutageClock, instruments: Instruments): () => void {
  const checks = new Tally();
  instruments.observe(NETWORK_METRICS.checks, () => checks.read());
  const recordDuration = instruments.histogram(NETWORK_METRICS.checkDuration);
  const onCheck = (result: CheckResult): void => {
    const isCheckHost = isAmong(monitor.snapshot().checks, result);
    const labels = isCheckHost ? { host: plainText(result.host), port: String(result.port) } : OTHER;
    checks.show({ ...labels, result: 'success' });
    checks.show({ ...labels, result: 'failure' });
    checks.add({ ...labels, result: result.reachable ? 'success' : 'failure' });
    if (result.reachable) recordDuration(labels, result.duration / 1_000);
    // A destination that does not answer may be a failing server, and no sign of an outage.
    if (isCheckHost || result.reachable) clock.noteCheck(result, performance.now());
  };
  monitor.on('check', onCheck);
  return () => void monitor.off('check', onCheck);
}

/** The check hosts of the options are few and stay; the destinations of work may be anything and any number. */
const OTHER: Labels = { host: 'other', port: '' };

function isAmong(checks: readonly CheckResult[], { host, port }: CheckResult): boolean {
  return checks.some((check) => check.host === host && check.port === port);
}

function measureLinks(monitor: NetworkMonitor, clock: OutageClock, instruments: Instruments): () => void {
  const links = new Tally();
  const errors = new Tally();
  for (const change of ['added', 'changed', 'removed']) links.show({ change });
  errors.show({});
  instruments.observe(NETWORK_METRICS.linkEvents, () => links.read());
  instruments.observe(NETWORK_METRICS.monitorErrors, () => errors.read());
  const onLink = (link: LinkChange): void => {
    links.add({ change: link.change });
    clock.noteLink(link, performance.now());
  };
  const onError = (): void => errors.add({});
  monitor.on('link', onLink).on('error', onError);
  return () => void monitor.off('link', onLink).off('error', onError);
}
