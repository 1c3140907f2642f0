import { InvalidOptionError } from '../../errors/index.js';
import { callSafely } from '../../events/index.js';
import { boolean, checkOptions, functionRule, nonEmptyString, type OptionRules } from '../../options/index.js';
import { type Coordinates, greatCircleDistance } from './distance.js';
import { type GeoFacts, geoFacts, mergeFacts } from './geo-facts.js';
import { GeoFile } from './geo-file.js';
import type { GeoFileError } from './geo-file-error.js';
import type { MmdbMetadata } from './mmdb.js';
import { coordinatesOf, originRule } from './origin.js';

/** Options of `openGeo`. */
export interface GeoOptions {
  /**
   * Where distances are measured from: coordinates, or an IP address that the files have the place of.
   *
   * @default nowhere: there are no distances
   */
  readonly from?: Coordinates | string | undefined;
  /** The language of names, as far as the files have it: `'de'`, `'pt-BR'`. @default 'en' */
  readonly language?: string | undefined;
  /** Reads a file again when it is replaced. @default true */
  readonly watch?: boolean | undefined;
  /** Is told when a file has been read again. */
  readonly onReload?: ((file: string) => void) | undefined;
  /** Is told when a file was replaced by a broken one, in whose place the old one goes on being used, and of broken records. */
  readonly onError?: ((error: GeoFileError) => void) | undefined;
}

/** What is known of an address. */
export interface GeoLocation extends GeoFacts {
  /** Kilometres along the great circle from where the options say. */
  readonly distance?: number;
}

/** A file as it is used now. */
export interface GeoDatabase extends MmdbMetadata {
  /** Its path. */
  readonly file: string;
  /** Why what is there now could not be read, and an older state is used. */
  readonly error?: GeoFileError;
}

/** Says where addresses are, by files. */
export interface Geo {
  /**
   * What the files have of an address; of what several have, the first is taken. Never throws.
   *
   * @returns undefined where they have nothing, as a rule for private addresses, loopback and documentation, and where it is no IP address.
   */
  locate(address: string): GeoLocation | undefined;
  /** The files as they are used now. */
  readonly databases: readonly GeoDatabase[];
  /** Watches the files no longer; what has been read can still be asked. May be repeated. */
  close(): void;
}

/**
 * Opens files in the MaxMind DB format, such as those of City, Country, ASN or ISP by MaxMind or DB-IP. They are the user's own: none comes along, and
 * none is downloaded.
 *
 * @param files their paths, the one that is to be believed first before the others.
 * @throws {InvalidOptionError}; {@link GeoFileError} where a file cannot be read or is none of that format.
 *
 * @example
 * const geo = await openGeo(['GeoLite2-City.mmdb', 'GeoLite2-ASN.mmdb'], { from: { latitude: 52.5, longitude: 13.4 } });
 * geo.locate('192.0.2.1')?.country?.code;
 * geo.close();
 */
export async function openGeo(files: string | readonly string[], options: GeoOptions = {}): Promise<Geo> {
  checkOptions('openGeo', options, RULES);
  const paths = typeof files === 'string' ? [files] : files;
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every((path) => nonEmptyString.accepts(path))) {
    throw new InvalidOptionError('openGeo: files', files, 'the path of a file, or a list of at least one');
  }
  const { watch = true, onReload, onError } = options;
  const handlers = {
    onReload: (file: string) => callSafely(() => onReload?.(file)),
    onError: (error: GeoFileError) => callSafely(() => onError?.(error)),
  };
  const opening = paths.map((path) => GeoFile.open(path, watch ? 'watched' : 'once', handlers));
  const opened = await Promise.allSettled(opening);
  const failure = opened.find((each) => each.status === 'rejected');
  const geoFiles = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (failure === undefined) return new GeoByFiles(geoFiles, options);
  for (const file of geoFiles) file.close();
  throw failure.reason;
}

class GeoByFiles implements Geo {
  readonly #files: readonly GeoFile[];
  readonly #options: GeoOptions;

  constructor(files: readonly GeoFile[], options: GeoOptions) {
    this.#files = files;
    this.#options = options;
  }

  get databases(): readonly GeoDatabase[] {
    return this.#files.map(({ path, metadata, error }) => ({
      file: path,
      ...metadata,
      ...(error !== undefined && { error }),
    }));
  }

  locate(address: string): GeoLocation | undefined {
    const facts = this.#facts(address);
    if (facts === undefined) return undefined;
    const there = coordinatesOf(facts);
    const here = there && this.#here();
    return { ...facts, ...(there && here && { distance: greatCircleDistance(here, there) }) };
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  #facts(address: string): GeoFacts | undefined {
    const { language = 'en' } = this.#options;
    const found = this.#files.flatMap((file) => {
      const match = file.lookUp(address);
      return match === undefined ? [] : [geoFacts(match.value, language)];
    });
    const facts = mergeFacts(found);
    return Object.keys(facts).length === 0 ? undefined : facts;
  }

  #here(): Coordinates | undefined {
    const { from } = this.#options;
    return typeof from === 'string' ? coordinatesOf(this.#facts(from) ?? {}) : from;
  }
}

const RULES: OptionRules<GeoOptions> = {
  from: originRule,
  language: nonEmptyString,
  watch: boolean,
  onReload: functionRule,
  onError: functionRule,
};
