export { type Coordinates, greatCircleDistance, MEAN_EARTH_RADIUS } from './distance.js';
export { type Geo, type GeoDatabase, type GeoLocation, type GeoOptions, openGeo } from './geo.js';
export type { GeoFacts, NamedPlace } from './geo-facts.js';
export { GeoFileError } from './geo-file-error.js';
export type { MmdbMetadata } from './mmdb.js';
