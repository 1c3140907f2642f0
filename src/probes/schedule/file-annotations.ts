import { isDeepStrictEqual } from 'node:util';
import { annotateAvailability } from '../annotate/annotate-availability.js';
import { annotateGeo } from '../annotate/annotate-geo.js';
import { annotateScores } from '../annotate/annotate-scores.js';
import { annotateVoice } from '../annotate/annotate-voice.js';
import type { Annotate } from '../annotate/annotation.js';
import { GeoFiles } from '../annotate/geo-files.js';
import type { AnnotationSettings, GeoSettings } from './task-file-annotations.js';

/** An annotation that a file of tasks wants. */
export interface FileAnnotation {
  readonly name: keyof AnnotationSettings;
  readonly settings: unknown;
  readonly annotate: Annotate;
  /** Has it open what it needs. May be repeated, also after `close`. Never rejects. */
  open(): Promise<void>;
  /** May be repeated. */
  close(): void;
}

/** Is told what is wrong with what stands at a key of the file. */
export type OnAnnotationError = (key: string, error: unknown) => void;

/**
 * The annotations for these settings; nothing is opened yet. Those of before whose settings are the same go on: availability is summed further, and
 * files stay open.
 */
export function fileAnnotations(
  { voice, scores, availability, geo }: AnnotationSettings,
  before: readonly FileAnnotation[],
  onError: OnAnnotationError,
): readonly FileAnnotation[] {
  const wanted = [
    ...(voice === undefined ? [] : [withoutFiles('voice', voice, () => annotateVoice(voice))]),
    ...(scores === undefined ? [] : [withoutFiles('scores', scores, annotateScores)]),
    ...(geo === undefined ? [] : [byGeoFiles(geo, onError)]),
    ...(availability === undefined
      ? []
      : [withoutFiles('availability', availability, () => annotateAvailability(availability))]),
  ];
  return wanted.map(
    (each) =>
      before.find(({ name, settings }) => name === each.name && isDeepStrictEqual(settings, each.settings)) ?? each,
  );
}

function withoutFiles(name: FileAnnotation['name'], settings: unknown, make: () => Annotate): FileAnnotation {
  return { name, settings, annotate: make(), open: async () => {}, close: () => {} };
}

function byGeoFiles(settings: GeoSettings, onError: OnAnnotationError): FileAnnotation {
  const { city, asn, from } = settings;
  const paths = [city, asn].filter((path) => path !== undefined);
  const files = new GeoFiles(paths, (path, error) =>
    onError(path === city ? 'annotate.geo.city' : 'annotate.geo.asn', error),
  );
  return {
    name: 'geo',
    settings,
    annotate: annotateGeo(files, { from }),
    open: () => files.open(),
    close: () => files.close(),
  };
}
