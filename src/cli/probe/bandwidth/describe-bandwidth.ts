import type { BandwidthFacts, DirectionFacts } from '../../../probes/index.js';
import type { Appearance } from '../../text/appearance.js';
import { formatBytes } from '../../text/bytes.js';
import { alignColumns } from '../../text/fit.js';
import { formatBitRate } from '../../text/rate.js';
import { formatRtt } from '../../text/rtt.js';
import { sparkline } from '../../text/sparkline.js';

/** What a test found, in a few words. */
export function describeBandwidth({ download, upload, retryAfter }: BandwidthFacts): readonly string[] {
  return [
    ...directions({ download, upload }).map(([name, facts]) => `${name} ${formatBitRate(facts.bitsPerSecond)}`),
    ...(retryAfter === undefined ? [] : [`worth asking again in ${Math.ceil(retryAfter / 1_000)} s`]),
  ];
}

/** The same with all that was measured, some lines for each direction. Pure. */
export function renderBandwidth(
  { download, upload, link }: BandwidthFacts,
  [connect]: readonly number[],
  { colours, signs }: Appearance,
): readonly string[] {
  const rows = directions({ download, upload }).flatMap(([name, facts]) => [
    [`  ${name}`, `${colours.strong(formatBitRate(facts.bitsPerSecond))}, ${amountOf(facts)}${slowStartOf(facts)}`],
    ...tcpLines(facts, connect).map((line) => ['', line]),
    ['', colours.dim(sparkline(facts.intervals.slice(0, MOST_INTERVALS), signs))],
  ]);
  const over = link === undefined ? [] : [['  over', `${link}; TCP payload, without headers`]];
  return alignColumns([...rows.filter(([, text]) => text !== ''), ...(rows.length === 0 ? [] : over)]);
}

/** Of 100 ms each: as many as a terminal is wide. */
const MOST_INTERVALS = 64;

type Direction = readonly ['download' | 'upload', DirectionFacts];

function directions({
  download,
  upload,
}: {
  readonly download?: DirectionFacts | undefined;
  readonly upload?: DirectionFacts | undefined;
}): readonly Direction[] {
  return [
    ...(download === undefined ? [] : [['download', download] as const]),
    ...(upload === undefined ? [] : [['upload', upload] as const]),
  ];
}

function amountOf({ bytes, seconds, streams, endedBy }: DirectionFacts): string {
  const by = streams === 1 ? '' : ` by ${streams} streams`;
  const why = ENDED[endedBy];
  return `${formatBytes(bytes)} in ${seconds.toFixed(1)} s${by}${why === '' ? '' : ` (${why})`}`;
}

const ENDED: Readonly<Record<DirectionFacts['endedBy'], string>> = {
  duration: '',
  bytes: 'as many as it may',
  failure: 'until it failed',
};

function slowStartOf({ slowStartExcluded, bitsPerSecondOverall }: DirectionFacts): string {
  if (slowStartExcluded === 0) return '';
  return `; with its slow start of ${slowStartExcluded.toFixed(1)} s ${formatBitRate(bitsPerSecondOverall)}`;
}

function tcpLines({ tcp }: DirectionFacts, connect: number | undefined): readonly string[] {
  if (tcp === undefined) return [];
  const { retransmits, retransmitRatio, rtt } = tcp;
  const ratio = retransmitRatio === undefined ? '' : ` (${(retransmitRatio * 100).toPrecision(2)}%)`;
  const again = `${retransmits} ${retransmits === 1 ? 'segment' : 'segments'} sent again${retransmits === 0 ? '' : ratio}`;
  const without = connect === undefined ? '' : `, ${formatRtt(connect)} before`;
  const times = rtt && `rtt under load ${[rtt.min, rtt.mean, rtt.max].map(formatRtt).join(' / ')}${without}`;
  return [times === undefined ? again : `${again}, ${times}`];
}
