import type { GeoLocation } from '../../probes/index.js';
import { printable } from '../text/fit.js';

/** Where an address is, as far as files know: `Vienna, AT, AS64500 Example Net, 523 km`. */
export function describeGeo(geo: GeoLocation): string {
  const { city, country, distance } = geo;
  const place = [city, country?.code ?? country?.name].filter((each) => each !== undefined);
  const away = distance === undefined ? [] : [formatDistance(distance)];
  const network = describeNetwork(geo);
  return printable([...place, ...(network === '' ? [] : [network]), ...away].join(', '));
}

/** The same in as few columns as can be: `AS64500 AT`. */
export function describeGeoBriefly({ asn, country }: GeoLocation): string {
  const code = country?.code ?? country?.name;
  return printable([...(asn === undefined ? [] : [`AS${asn}`]), ...(code === undefined ? [] : [code])].join(' '));
}

/** Who announces the address, or provides for it: `AS64500 Example Net`. */
export function describeNetwork({ asn, asOrganisation, isp, organisation }: GeoLocation): string {
  const who = isp ?? asOrganisation ?? organisation;
  return printable([...(asn === undefined ? [] : [`AS${asn}`]), ...(who === undefined ? [] : [who])].join(' '));
}

/** Kilometres. */
export function formatDistance(distance: number): string {
  return distance < 9.95 ? `${distance.toFixed(1)} km` : `${Math.round(distance)} km`;
}
