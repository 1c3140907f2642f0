import type { DirectionFacts, ProbeResult } from '../../probes/index.js';
import type { Colours } from '../text/appearance.js';
import { printable } from '../text/fit.js';
import { formatPercent } from '../text/percent.js';
import { formatBitRate } from '../text/rate.js';
import { formatRtt } from '../text/rtt.js';
import { describeFailure } from './describe-result.js';
import { isBandwidth, voiceOf } from './result-kinds.js';
import { averageOf, lossOf, type Tally, timeOf } from './tally.js';

/** What a table of targets says of each. */
export interface Columns {
  readonly head: readonly string[];
  cells(tally: Tally, colours: Colours): readonly string[];
}

/** The columns for an engine; with those for speech where anybody asked for it. */
export function columnsFor(probe: string, tallies: readonly Tally[]): Columns {
  if (probe === 'bandwidth') return BANDWIDTH;
  return tallies.some(({ last }) => last !== undefined && voiceOf(last).length > 0) ? WITH_VOICE : TIMES;
}

const TIMES: Columns = {
  head: ['TARGET', 'LAST', 'MIN', 'AVG', 'MAX', 'LOSS'],
  cells(tally, colours) {
    const { times, last } = tally;
    return [
      printable(tally.target),
      last === undefined ? '-' : lastOf(last, colours),
      times === undefined ? '-' : formatRtt(times.min),
      times === undefined ? '-' : formatRtt(averageOf(tally) ?? 0),
      times === undefined ? '-' : formatRtt(times.max),
      lossCell(tally, colours),
    ];
  },
};

const WITH_VOICE: Columns = {
  head: [...TIMES.head, 'R', 'MOS'],
  cells(tally, colours) {
    const voices = tally.last === undefined ? [] : voiceOf(tally.last);
    const rated = (write: (quality: (typeof voices)[number][1]) => string): string =>
      voices.length === 0 ? '-' : voices.map(([, quality]) => write(quality)).join('/');
    return [...TIMES.cells(tally, colours), rated(({ r }) => r.toFixed(0)), rated(({ mos }) => mos.toFixed(2))];
  },
};

const BANDWIDTH: Columns = {
  head: ['TARGET', 'DOWNLOAD', 'UPLOAD', 'SENT AGAIN', 'RTT UNDER LOAD', 'LOSS'],
  cells(tally, colours) {
    const { last } = tally;
    const target = printable(tally.target);
    if (last === undefined) return [target, '-', '-', '-', '-', '-'];
    if (last.status !== 'ok' || !isBandwidth(last)) {
      return [target, lastOf(last, colours), '-', '-', '-', lossCell(tally, colours)];
    }
    const { download, upload } = last.facts;
    const both = [download, upload].filter((each) => each !== undefined);
    return [
      target,
      download === undefined ? '-' : formatBitRate(download.bitsPerSecond),
      upload === undefined ? '-' : formatBitRate(upload.bitsPerSecond),
      slashed(both, ({ tcp }) => (tcp === undefined ? '-' : String(tcp.retransmits))),
      slashed(both, ({ tcp }) => (tcp?.rtt === undefined ? '-' : formatRtt(tcp.rtt.mean))),
      lossCell(tally, colours),
    ];
  },
};

function slashed(directions: readonly DirectionFacts[], write: (facts: DirectionFacts) => string): string {
  return directions.map(write).join(' / ');
}

function lossCell(tally: Tally, colours: Colours): string {
  const loss = lossOf(tally);
  if (loss === undefined) return '-';
  return loss > 0 ? colours.bad(formatPercent(loss)) : formatPercent(loss);
}

function lastOf(last: ProbeResult, colours: Colours): string {
  if (last.status === 'failed') return colours.bad(describeFailure(last));
  if (last.status === 'inconclusive') return colours.doubtful(describeFailure(last));
  const time = timeOf(last);
  return time === undefined ? 'ok' : formatRtt(time);
}
