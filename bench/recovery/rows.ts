import { compare, type Row } from '../row.js';
import type { Alone } from './alone.js';
import type { Crowd } from './crowds.js';

const OURS = 'netpause';

export function toRows(alone: readonly Alone[], crowds: readonly Crowd[]): readonly Row[] {
  return [
    ...alone.flatMap((each) => aloneRows(each, crowds)),
    ...alone.flatMap(({ fault }) => crowdRows(fault, crowds)),
    ...givenUpRows(crowds),
  ];
}

/** One piece of work of ours, beside those of the others: each of theirs waits for itself only, however many there are. */
function aloneRows({ fault, delays, roundTrips }: Alone, crowds: readonly Crowd[]): readonly Row[] {
  const name = `after ${fault}: next attempt`;
  const common = { name, unit: 'ms', ours: delays };
  return [
    compare({
      ...common,
      reference: roundTrips,
      referenceName: 'one round trip',
      target: { of: 'difference', atMost: 5 },
    }),
    ...others(fault, crowds).map(({ library, delays: reference }) =>
      compare({ ...common, reference, referenceName: library }),
    ),
  ];
}

function crowdRows(fault: string, crowds: readonly Crowd[]): readonly Row[] {
  const ours = crowds.find((crowd) => crowd.library === OURS && crowd.fault === fault);
  if (ours === undefined) return [];
  return others(fault, crowds).map(({ library, delays }) =>
    compare({
      name: `after ${fault}, ${sizeOf(ours)} paused together: next attempt`,
      unit: 'ms',
      ours: ours.delays,
      reference: delays,
      referenceName: library,
    }),
  );
}

function givenUpRows(crowds: readonly Crowd[]): readonly Row[] {
  const libraries = [...new Set(crowds.map(({ library }) => library))];
  const of = (wanted: string) => crowds.filter(({ library }) => library === wanted);
  const lost = (library: string) => of(library).reduce((sum, crowd) => sum + crowd.lost, 0);
  const trials = of(OURS).reduce((sum, crowd) => sum + sizeOf(crowd), 0);
  return libraries
    .filter((library) => library !== OURS)
    .map((referenceName) => ({
      ...compare({
        name: 'given up before the network was back',
        unit: 'calls',
        ours: [lost(OURS)],
        reference: [lost(referenceName)],
        referenceName,
      }),
      trials,
    }));
}

function sizeOf({ delays, lost }: Crowd): number {
  return delays.length + lost;
}

function others(fault: string, crowds: readonly Crowd[]): readonly Crowd[] {
  return crowds.filter((crowd) => crowd.library !== OURS && crowd.fault === fault);
}
