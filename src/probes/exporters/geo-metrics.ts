import type { ProbeResult } from '../result.js';
import { isShort } from './bounded-samples.js';
import { numberAt, textAt, valueAt } from './facts.js';
import { only, type ProbeSample, type ReadingGroup } from './metric.js';

/** Where the target is: true also while nothing can be said of how it answers. */
export const GEO_METRICS: ReadingGroup = {
  facts: ['geo'],
  readings: [
    {
      name: 'probe.target_info',
      kind: 'gauge',
      labels: ['country', 'city', 'asn', 'organisation'],
      holds: true,
      help: '1, with what is known of the address that was probed: its country as ISO 3166-1 has it, city, autonomous system and to whom that is registered.',
      read: readPlace,
    },
    {
      name: 'probe.distance',
      kind: 'gauge',
      unit: 'm',
      holds: true,
      help: 'Great-circle distance to the place of the address that was probed.',
      read: readDistance,
    },
  ],
};

function readPlace({ facts }: ProbeResult): readonly ProbeSample[] {
  const geo = valueAt(facts, 'geo');
  const labels = {
    country: short(textAt(geo, 'country', 'code') ?? textAt(geo, 'country', 'name')),
    city: short(textAt(geo, 'city')),
    asn: String(numberAt(geo, 'asn') ?? ''),
    organisation: short(textAt(geo, 'asOrganisation') ?? textAt(geo, 'organisation') ?? textAt(geo, 'isp')),
  };
  return Object.values(labels).every((value) => value === '') ? [] : [{ labels, value: 1 }];
}

function readDistance({ facts }: ProbeResult): readonly ProbeSample[] {
  const kilometres = numberAt(facts, 'geo', 'distance');
  return only(kilometres === undefined ? undefined : kilometres * 1_000);
}

/** One that is too long is not to take the others with it. */
function short(text = ''): string {
  return isShort(text) ? text : '';
}
