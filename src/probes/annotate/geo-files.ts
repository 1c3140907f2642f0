import { type Geo, type GeoLocation, openGeo } from '../geo/index.js';
import { WatchedFile } from '../watched-file.js';

/** Is told what is wrong with a file, whenever that changes. */
export type OnGeoFileError = (path: string, error: unknown) => void;

/**
 * Says where addresses are, by those of some files that can be read. One that is missing or broken is waited for; one that is replaced is read
 * again.
 */
export class GeoFiles implements Pick<Geo, 'locate'> {
  readonly #files: readonly AwaitedGeo[];

  /** @param paths the one that is to be believed first before the others. */
  constructor(paths: readonly string[], onError: OnGeoFileError) {
    this.#files = paths.map((path) => new AwaitedGeo(path, onError));
  }

  /** Resolves when each has been read, or it is clear that it cannot be for now. Never rejects. May be repeated, also after `close`. */
  async open(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.open()));
  }

  locate(address: string): GeoLocation | undefined {
    const found = this.#files.flatMap((file) => file.locate(address) ?? []);
    return found.length === 0 ? undefined : Object.assign({}, ...found.reverse());
  }

  /** What has been read can still be asked. May be repeated. */
  close(): void {
    for (const file of this.#files) file.close();
  }
}

class AwaitedGeo {
  readonly #path: string;
  readonly #onError: OnGeoFileError;
  /** Until it has been read once: from then on the `Geo` watches it. */
  readonly #awaited: WatchedFile;
  #opening: Promise<void> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #geo: Geo | undefined;
  /** Since it was last opened. */
  #isRead = false;

  constructor(path: string, onError: OnGeoFileError) {
    this.#path = path;
    this.#onError = onError;
    this.#awaited = new WatchedFile(path, () => void this.#readInTurn());
  }

  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  locate(address: string): GeoLocation | undefined {
    return this.#geo?.locate(address);
  }

  close(): void {
    this.#opening = undefined;
    this.#isRead = false;
    this.#awaited.close();
    this.#geo?.close();
  }

  /** First watched and then read: what comes in between is not missed. */
  async #open(): Promise<void> {
    await this.#awaited.open();
    await this.#readInTurn();
  }

  #readInTurn(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    const opening = this.#opening;
    if (opening === undefined || this.#isRead) return;
    try {
      const geo = await openGeo(this.#path, { onError: (error) => this.#onError(this.#path, error) });
      if (opening !== this.#opening) return geo.close();
      this.#geo = geo;
      this.#isRead = true;
      this.#awaited.close();
    } catch (error) {
      if (opening === this.#opening) this.#onError(this.#path, error);
    }
  }
}
