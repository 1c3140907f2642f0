import type { MmdbValue } from './mmdb-decoder.js';

/** A place with its code. */
export interface NamedPlace {
  /** ISO 3166-1 alpha-2 for a country, the part after the hyphen of ISO 3166-2 for a subdivision, two letters for a continent. */
  readonly code?: string;
  /** In the language that was asked for, or in English. */
  readonly name?: string;
}

/** What the files have of an address. What they do not have is absent. */
export interface GeoFacts {
  /** Which continent. */
  readonly continent?: NamedPlace;
  /** Where the address is. */
  readonly country?: NamedPlace;
  /** Where the network is registered. */
  readonly registeredCountry?: NamedPlace;
  /** From the largest to the smallest: region, district. */
  readonly subdivisions?: readonly NamedPlace[];
  /** The city's name. */
  readonly city?: string;
  /** The postal code, or its beginning. */
  readonly postalCode?: string;
  /** Degrees north of the equator, −90 to 90. */
  readonly latitude?: number;
  /** Degrees east of Greenwich, −180 to 180. */
  readonly longitude?: number;
  /** The address is likely to be within so many kilometres of the coordinates. */
  readonly accuracyRadius?: number;
  /** Such as `Europe/Berlin`. */
  readonly timeZone?: string;
  /** The number of the autonomous system that announces the address. */
  readonly asn?: number;
  /** To whom that is registered. */
  readonly asOrganisation?: string;
  /** The internet service provider. */
  readonly isp?: string;
  /** To whom the address is assigned. */
  readonly organisation?: string;
}

/** Reads a record of a City, Country, ASN or ISP database as MaxMind and DB-IP lay them out; what is of another shape is left out. */
export function geoFacts(record: MmdbValue, language: string): GeoFacts {
  const place = (value: MmdbValue | undefined) => placeOf(value, language);
  const location = field(record, 'location');
  const traits = field(record, 'traits');
  /** Files of networks alone have it at the top, files of all kinds of facts among the traits. */
  const ofNetwork = (name: string) => field(record, name) ?? field(traits, name);
  const subdivisions = list(field(record, 'subdivisions'))
    .map(place)
    .filter((each) => each !== undefined);
  return withoutUndefined({
    continent: place(field(record, 'continent')),
    country: place(field(record, 'country')),
    registeredCountry: place(field(record, 'registered_country')),
    subdivisions: subdivisions.length > 0 ? subdivisions : undefined,
    city: nameOf(field(record, 'city'), language),
    postalCode: text(field(field(record, 'postal'), 'code')),
    ...coordinates(location),
    timeZone: text(field(location, 'time_zone')),
    asn: number(ofNetwork('autonomous_system_number'), 0, 0xffff_ffff),
    asOrganisation: text(ofNetwork('autonomous_system_organization')),
    isp: text(ofNetwork('isp')),
    organisation: text(ofNetwork('organization')),
  });
}

/**
 * Puts together what several files have: of what more than one has, the first is taken. Coordinates and their radius are one: that of another file is
 * about another place.
 */
export function mergeFacts(found: readonly GeoFacts[]): GeoFacts {
  const { accuracyRadius, ...facts }: GeoFacts = Object.assign({}, ...found.toReversed());
  const radius = found.find(({ latitude }) => latitude !== undefined)?.accuracyRadius;
  return { ...facts, ...(radius !== undefined && { accuracyRadius: radius }) };
}

type Coordinates = Pick<GeoFacts, 'latitude' | 'longitude' | 'accuracyRadius'>;

/** Half a place is none, and a radius without one is about nothing. */
function coordinates(location: MmdbValue | undefined): Possible<Coordinates> | undefined {
  const latitude = number(field(location, 'latitude'), -90, 90);
  const longitude = number(field(location, 'longitude'), -180, 180);
  if (latitude === undefined || longitude === undefined) return undefined;
  return { latitude, longitude, accuracyRadius: number(field(location, 'accuracy_radius'), 0, Number.MAX_VALUE) };
}

function placeOf(value: MmdbValue | undefined, language: string): NamedPlace | undefined {
  const code = text(field(value, 'iso_code')) ?? text(field(value, 'code'));
  const name = nameOf(value, language);
  if (code === undefined && name === undefined) return undefined;
  return { ...(code !== undefined && { code }), ...(name !== undefined && { name }) };
}

function nameOf(value: MmdbValue | undefined, language: string): string | undefined {
  const names = field(value, 'names');
  return text(field(names, language)) ?? text(field(names, 'en'));
}

function field(value: MmdbValue | undefined, name: string): MmdbValue | undefined {
  return value instanceof Map ? value.get(name) : undefined;
}

function list(value: MmdbValue | undefined): readonly MmdbValue[] {
  return Array.isArray(value) ? value : [];
}

function text(value: MmdbValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: MmdbValue | undefined, least: number, most: number): number | undefined {
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}

type Possible<Facts> = { readonly [Name in keyof Facts]: Facts[Name] | undefined };

function withoutUndefined(facts: Possible<GeoFacts>): GeoFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
