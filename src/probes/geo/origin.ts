import { isIP } from 'node:net';
import { either, type OptionRule, objectWith } from '../../options/index.js';
import type { Coordinates } from './distance.js';
import type { GeoFacts } from './geo-facts.js';

/** The coordinates among the facts. */
export function coordinatesOf({ latitude, longitude }: GeoFacts): Coordinates | undefined {
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
}

function isBetween(value: unknown, most: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= most;
}

const coordinatesRule: OptionRule = objectWith(
  'a latitude from -90 to 90 with a longitude from -180 to 180',
  (value) => {
    const [latitude, longitude]: readonly unknown[] = [Reflect.get(value, 'latitude'), Reflect.get(value, 'longitude')];
    return isBetween(latitude, 90) && isBetween(longitude, 180);
  },
);

const addressRule: OptionRule = {
  allowed: 'an IP address',
  accepts: (value) => typeof value === 'string' && isIP(value) !== 0,
};

/** Where distances may be measured from. */
export const originRule: OptionRule = either(coordinatesRule, addressRule);
