import { resolve } from 'node:path';
import {
  boolean,
  checkOptions,
  either,
  nonEmptyString,
  type OptionRule,
  type OptionRules,
  objectWith,
} from '../../options/index.js';
import { type AnnotateAvailabilityOptions, annotateAvailability } from '../annotate/annotate-availability.js';
import { type AnnotateVoiceOptions, annotateVoice } from '../annotate/annotate-voice.js';
import type { Coordinates } from '../geo/index.js';
import { originRule } from '../geo/origin.js';
import { type Fields, isFields, type TaskFilePlaces } from './task-file-places.js';

/** What a file of tasks wants to be added to results: its key `annotate`. What is absent is not added. */
export interface AnnotationSettings {
  /** As `annotateVoice` takes it. */
  readonly voice?: AnnotateVoiceOptions;
  /** By `annotateScores`. */
  readonly scores?: true;
  /** As `annotateAvailability` takes it. */
  readonly availability?: AnnotateAvailabilityOptions;
  /** By `annotateGeo`. */
  readonly geo?: GeoSettings;
}

/** Which files say where addresses are. */
export interface GeoSettings {
  /** The path of a City or Country file; it is believed first. */
  readonly city?: string;
  /** The path of an ASN or ISP file. */
  readonly asn?: string;
  /** Where distances are measured from. */
  readonly from?: Coordinates | string;
}

/**
 * Reads the key `annotate`, durations in words included.
 *
 * @param folder relative paths begin here.
 * @throws {TaskFileError}
 */
export function readAnnotationSettings(given: unknown, places: TaskFilePlaces, folder: string): AnnotationSettings {
  if (given === undefined || given === null) return {};
  const fields = places.fields(given, ROOT, 'must have fields, such as voice and geo');
  places.at(ROOT, () => checkOptions('file', fields, RULES));
  const voice = optionsIn(fields, 'voice', places);
  const availability = optionsIn(fields, 'availability', places);
  const geo = fields['geo'];
  return {
    ...(voice !== undefined && { voice: checked('voice', voice, annotateVoice, places) }),
    ...(fields['scores'] === true && { scores: true }),
    ...(availability !== undefined && {
      availability: checked('availability', availability, annotateAvailability, places),
    }),
    ...(isFields(geo) && { geo: readGeo(geo, places, folder) }),
  };
}

const ROOT = ['annotate'];

/** `true` stands for no options, `false` for no annotation. */
function optionsIn(fields: Fields, name: string, places: TaskFilePlaces): Fields | undefined {
  const given = fields[name];
  if (given === true) return {};
  return isFields(given) ? places.durations(given, DURATIONS, [...ROOT, name]) : undefined;
}

/** Whoever takes the options knows best whether they are right. */
function checked(name: string, options: Fields, check: (options: Fields) => unknown, places: TaskFilePlaces): Fields {
  places.at([...ROOT, name], () => check(options));
  return options;
}

function readGeo(given: Fields, places: TaskFilePlaces, folder: string): GeoSettings {
  const path = [...ROOT, 'geo'];
  places.at(path, () => checkGeo(given));
  const { city, asn, ...rest }: GeoSettings = given;
  if (city === undefined && asn === undefined) throw places.complain(path, 'must name a file: city, asn or both');
  return {
    ...(city !== undefined && { city: resolve(folder, city) }),
    ...(asn !== undefined && { asn: resolve(folder, asn) }),
    ...rest,
  };
}

function checkGeo(given: object): asserts given is GeoSettings {
  checkOptions('file', given, GEO_RULES);
}

const fieldsRule: OptionRule = objectWith('an object of options', isFields);

const RULES: OptionRules<AnnotationSettings> = {
  voice: either(boolean, fieldsRule),
  scores: boolean,
  availability: either(boolean, fieldsRule),
  geo: objectWith('an object with the path of a file: city, asn or both', isFields),
};

const GEO_RULES: OptionRules<GeoSettings> = { city: nonEmptyString, asn: nonEmptyString, from: originRule };

const DURATIONS: ReadonlySet<string> = new Set(['jitterBuffer', 'holds']);
