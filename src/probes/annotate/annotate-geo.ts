import { InvalidOptionError } from '../../errors/index.js';
import { checkOptions, type OptionRules } from '../../options/index.js';
import { type Coordinates, type Geo, type GeoLocation, greatCircleDistance } from '../geo/index.js';
import { coordinatesOf, originRule } from '../geo/origin.js';
import type { ProbeResult } from '../result.js';
import type { TraceAddress, TraceHop } from '../trace/index.js';
import type { Annotate } from './annotation.js';

/** How `annotateGeo` reckons. */
export interface AnnotateGeoOptions {
  /** Where distances are measured from: coordinates, or an IP address whose place is known. @default as the `Geo` was told */
  readonly from?: Coordinates | string | undefined;
}

/** What `annotateGeo` adds to the facts. */
export interface LocationFacts {
  /** Where the address is that was asked. */
  readonly geo: GeoLocation;
}

/** What `annotateGeo` adds to an address at a hop of a trace. */
export interface LocatedTraceAddress extends TraceAddress {
  /** Absent where nothing is known of it. */
  readonly geo?: GeoLocation;
}

/**
 * Adds to results where the address is that was asked: {@link LocationFacts}; and to those of traces where each address on the way is, as
 * {@link LocatedTraceAddress}. Nothing is added where there is no address, or the files have nothing of it.
 *
 * It does not close the `Geo`.
 *
 * @throws {InvalidOptionError}
 *
 * @example
 * const geo = await openGeo(['GeoLite2-City.mmdb', 'GeoLite2-ASN.mmdb']);
 * const schedule = new ProbeSchedule({ annotate: [annotateGeo(geo, { from: { latitude: 52.5, longitude: 13.4 } })] });
 */
export function annotateGeo(geo: Pick<Geo, 'locate'>, options: AnnotateGeoOptions = {}): Annotate {
  if (typeof geo?.locate !== 'function')
    throw new InvalidOptionError('annotateGeo: geo', geo, 'what openGeo resolves to');
  checkOptions('annotateGeo', options, RULES);
  return (result) => {
    const locate = locatorOf(geo, options);
    const geoOfTarget = result.address === undefined ? undefined : locate(result.address);
    const hops = hopsOf(result)?.map((hop) => locateHop(hop, locate));
    if (geoOfTarget === undefined && hops === undefined) return result;
    const facts = {
      ...result.facts,
      ...(hops !== undefined && { hops }),
      ...(geoOfTarget !== undefined && { geo: geoOfTarget }),
    };
    return { ...result, facts };
  };
}

const RULES: OptionRules<AnnotateGeoOptions> = { from: originRule };

type Locate = (address: string) => GeoLocation | undefined;

/** For one result: where the origin is by an address, its place may be another after a file was replaced. */
function locatorOf(geo: Pick<Geo, 'locate'>, { from }: AnnotateGeoOptions): Locate {
  if (from === undefined) return (address) => geo.locate(address);
  const here = typeof from === 'string' ? coordinatesOf(geo.locate(from) ?? {}) : from;
  return (address) => {
    const { distance: _, ...location } = geo.locate(address) ?? {};
    const there = coordinatesOf(location);
    const found = { ...location, ...(here && there && { distance: greatCircleDistance(here, there) }) };
    return Object.keys(found).length === 0 ? undefined : found;
  };
}

function hopsOf({ probe, facts }: ProbeResult): readonly TraceHop[] | undefined {
  const { hops }: { readonly hops?: unknown } = facts;
  return probe === 'trace' && Array.isArray(hops) && hops.every(isHop) ? hops : undefined;
}

/** As far as it is looked at here. */
function isHop(value: unknown): value is TraceHop {
  const addresses: unknown = value instanceof Object ? Reflect.get(value, 'addresses') : undefined;
  return (
    Array.isArray(addresses) &&
    addresses.every((each) => each instanceof Object && typeof Reflect.get(each, 'address') === 'string')
  );
}

function locateHop(hop: TraceHop, locate: Locate): TraceHop {
  const addresses = hop.addresses.map((each): LocatedTraceAddress => {
    const geo = locate(each.address);
    return geo === undefined ? each : { ...each, geo };
  });
  return { ...hop, addresses };
}
