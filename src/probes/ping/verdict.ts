import { parseIp } from '../../netlink/index.js';
import { failedBy, failureOf, inconclusive } from '../failure.js';
import type { ProbeFailure, ProbeVerdict } from '../result.js';
import type { SeriesOutcome } from './echo-series.js';
import type { PingSettings } from './ping-options.js';
import type { PingError } from './ping-result.js';
import { rttStatistics } from './rtt-statistics.js';

/** What is to be judged beside the series itself. */
export interface Circumstances {
  /** The address that was asked. */
  readonly address: string;
  readonly settings: Pick<PingSettings, 'count' | 'timeout' | 'maxLoss' | 'maxRtt'>;
  /** Whether this host was offline at any moment: then nobody knows whose fault a loss is. */
  readonly wasOffline: boolean;
  /** Whether the kernel dropped packets because this process did not read them in time. */
  readonly overrun: boolean;
}

export function judgeSeries(outcome: SeriesOutcome, circumstances: Circumstances): ProbeVerdict {
  const { settings, wasOffline, overrun } = circumstances;
  const lost = settings.count - outcome.received;
  if (lost > 0 && wasOffline) {
    return inconclusive('offline', `this host was offline at some moment of the ping: its ${lost} losses say nothing`);
  }
  const verdict = judge(outcome, circumstances);
  if (verdict.status === 'failed' && lost > 0 && overrun) {
    return inconclusive(
      'overrun',
      `this process did not read replies in time, and the kernel dropped some: ${verdict.message}`,
    );
  }
  return verdict;
}

function judge(outcome: SeriesOutcome, { address, settings }: Circumstances): ProbeVerdict {
  const { sent, received, samples } = outcome;
  const { maxLoss, maxRtt, timeout } = settings;
  if (received === 0) return nothingReceived(outcome, address, timeout);
  const loss = (sent - received) / sent;
  if (loss > maxLoss) return failedBy('path', 'loss', `${sent - received} of ${sent} requests were lost`);
  const { avg = 0 } = rttStatistics(samples) ?? {};
  if (maxRtt !== undefined && avg > maxRtt) {
    return failedBy('path', 'slow', `the average round-trip time was ${avg.toFixed(3)} ms, more than ${maxRtt} ms`);
  }
  return { status: 'ok' };
}

function nothingReceived({ sent, errors, sendError }: SeriesOutcome, address: string, timeout: number): ProbeFailure {
  const error = mostFrequent(errors);
  if (error !== undefined) return refusedBy(error, address);
  const failure = failureOf(sendError);
  if (sent > 0 && failure?.failureSource === 'path') return failure;
  if (sent === 0 && sendError !== undefined) {
    return failure ?? inconclusive('not-sent', `no request could be sent: ${String(sendError)}`);
  }
  if (sent === 0)
    return inconclusive('not-sent', 'this process was too busy to send a request and wait for its answer');
  return failedBy('path', 'timeout', `none of ${sent} requests was answered within ${timeout} ms`);
}

/** An error that the target itself sends shows that it was reached. */
function refusedBy({ from, meaning }: PingError, address: string): ProbeFailure {
  if (from === undefined) return failedBy('path', meaning, `the packet is larger than the interface can carry`);
  return failedBy(
    isSame(from, address) ? 'target' : 'path',
    meaning,
    `${from} answered: ${meaning.replaceAll('-', ' ')}`,
  );
}

/** However they are written. */
function isSame(one: string, other: string): boolean {
  return parseIp(one)?.bytes.join() === parseIp(other)?.bytes.join();
}

function mostFrequent(errors: readonly PingError[]): PingError | undefined {
  return errors.reduce<PingError | undefined>(
    (most, error) => (most === undefined || error.count > most.count ? error : most),
    undefined,
  );
}
