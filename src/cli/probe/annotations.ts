import { isIP } from 'node:net';
import type { Annotate, Coordinates, Geo, VoiceCodecName } from '../../probes/index.js';
import { annotateGeo, annotateVoice, GeoFileError, openGeo, VOICE_CODECS } from '../../probes/index.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { printable } from '../text/fit.js';

/** The flags that have something added to results. */
export interface AnnotationFlags {
  readonly geoCity?: string;
  readonly geoAsn?: string;
  readonly here?: string;
  readonly codec?: readonly string[];
}

/** What is added to results, and what it takes. */
export interface Annotations {
  readonly annotate: readonly Annotate[];
  /** Nothing is added any more. */
  close(): void;
}

/** @throws {CliError} where a file cannot be read or a value is none. */
export async function annotationsFor(flags: AnnotationFlags): Promise<Annotations> {
  const codecs = flags.codec?.map(codecOf);
  const from = flags.here === undefined ? undefined : placeOf(flags.here);
  const geo = await openFiles(flags);
  return {
    annotate: [
      ...(codecs === undefined ? [] : [annotateVoice({ codecs })]),
      ...(geo === undefined ? [] : [annotateGeo(geo, { from })]),
    ],
    close: () => geo?.close(),
  };
}

async function openFiles({ geoCity, geoAsn, here }: AnnotationFlags): Promise<Geo | undefined> {
  const files = [geoCity, geoAsn].filter((file) => file !== undefined);
  if (files.length === 0) {
    if (here !== undefined) throw new CliError('--here needs --geo-city: without it, nothing has a place', EXIT.usage);
    return undefined;
  }
  try {
    return await openGeo(files);
  } catch (error) {
    if (error instanceof GeoFileError) throw new CliError(printable(error.message), EXIT.usage, { cause: error });
    throw error;
  }
}

/** Degrees north and east, or an address that the files have the place of. */
function placeOf(text: string): Coordinates | string {
  if (isIP(text) !== 0) return text;
  const [, latitude = '', longitude = ''] = /^([-+]?[\d.]+),\s*([-+]?[\d.]+)$/.exec(text) ?? [];
  const place = { latitude: Number(latitude), longitude: Number(longitude) };
  const isPlace = latitude !== '' && Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180;
  if (isPlace) return place;
  throw new CliError(
    `--here must be degrees north and east, such as 52.52,13.41, or an address, but is '${printable(text)}'`,
    EXIT.usage,
  );
}

function codecOf(name: string): VoiceCodecName {
  if (isCodec(name)) return name;
  const known = Object.keys(VOICE_CODECS).join(', ');
  throw new CliError(`--codec must be one of ${known}, but is '${printable(name)}'`, EXIT.usage);
}

function isCodec(name: string): name is VoiceCodecName {
  return Object.hasOwn(VOICE_CODECS, name);
}
