import { printable } from '../../text/fit.js';
import { formatMilliseconds } from '../../text/rtt.js';
import { describeNetwork, formatDistance } from '../describe-geo.js';
import { deviationOf, type HopModel, jitterOf, type SeenAddress } from './hop-model.js';

/** What is shown of each hop beside who it is: its times, its past, or its place. */
export type PathDisplay = 'times' | 'history' | 'places';

/** The columns of a display. */
export interface DisplayKind {
  readonly head: readonly string[];
  readonly cells: (hop: HopModel, address: SeenAddress | undefined) => readonly string[];
  /** Whether the cells are those of an address, and not of the hop as a whole. */
  readonly isOfAddress: boolean;
  /** Which part of the screen is for the past at least, 0 to 1; 0 where it is not shown. */
  readonly past: number;
}

export const DISPLAYS: Readonly<Record<PathDisplay, DisplayKind>> = {
  times: {
    head: ['SENT', 'LAST', 'AVG', 'BEST', 'WORST', 'STDEV'],
    cells: ({ sent, times }) => [
      String(sent),
      ...timeCells(times && [times.last, times.mean, times.best, times.worst, deviationOf(times)], 5),
    ],
    isOfAddress: false,
    past: 0.1,
  },
  history: {
    head: ['AVG', 'JITTER'],
    cells: ({ times }) => timeCells(times && [times.mean, jitterOf(times)], 2),
    isOfAddress: false,
    past: 0.5,
  },
  places: {
    head: ['NETWORK', 'COUNTRY', 'CITY', 'DISTANCE'],
    cells: (_hop, address) => placeCells(address?.geo),
    isOfAddress: true,
    past: 0,
  },
};

function timeCells(times: readonly (number | undefined)[] | undefined, count: number): readonly string[] {
  return (times ?? new Array<undefined>(count).fill(undefined)).map((time) =>
    time === undefined ? '-' : formatMilliseconds(time),
  );
}

function placeCells(geo: SeenAddress['geo']): readonly string[] {
  if (geo === undefined) return ['-', '-', '-', '-'];
  const { country, city = '-', distance } = geo;
  return [
    describeNetwork(geo) || '-',
    printable(country?.code ?? country?.name ?? '-'),
    printable(city),
    distance === undefined ? '-' : formatDistance(distance),
  ];
}
