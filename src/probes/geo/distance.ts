/** A place on the Earth, in degrees: north and east count upwards from 0. */
export interface Coordinates {
  /** −90 to 90. */
  readonly latitude: number;
  /** −180 to 180. */
  readonly longitude: number;
}

/**
 * The mean radius R1 = (2a + b)/3 of the ellipsoid GRS 80, in kilometres (H. Moritz, "Geodetic Reference System 1980", Journal of Geodesy 74,
 * 2000). WGS 84 has the same to within a tenth of a millimetre.
 */
export const MEAN_EARTH_RADIUS = 6371.0087714;

/**
 * The great-circle distance of two places in kilometres, by the haversine formula (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68,
 * 1984). The Earth is taken for a sphere: the true distance differs by up to 0.6 %.
 */
export function greatCircleDistance(from: Coordinates, to: Coordinates): number {
  const latitude = haversine(radians(to.latitude - from.latitude));
  const longitude = haversine(radians(to.longitude - from.longitude));
  const h = latitude + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * longitude;
  // For opposite places, rounding can bring h above 1.
  return 2 * MEAN_EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

function haversine(angle: number): number {
  return Math.sin(angle / 2) ** 2;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
