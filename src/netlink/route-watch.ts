import { type EventSocket, SystemCallError } from '../../native/index.js';
import { InvalidOptionError } from '../errors/index.js';
import { parseIp } from '../names/index.js';
import { buildRouteFilter, MOST_DESTINATIONS } from './route-filter.js';

/** A filter is attached at most this often, in milliseconds: to build it and have it compiled takes the kernel and us up to 3 ms (measured). */
const ATTACH_INTERVAL = 1_000;

/**
 * Keeps the kernel's filter on an event socket in step with the destinations that are watched.
 *
 * Nothing is lost when they change. A destination that the filter does not know has the filter taken off at once, which takes microseconds, and
 * a new one is attached a moment later; in between, everything is heard.
 */
export class RouteWatch {
  readonly #socket: Pick<EventSocket, 'attachFilter' | 'detachFilter'>;
  readonly #onUnheard: () => void;
  #watched: ReadonlySet<string> | 'all' = 'all';
  /** Whose routes pass the filter that is attached; undefined while there is none. */
  #passing: ReadonlySet<string> | undefined;
  /** The destinations of the last filter, also after it was taken off. */
  #known: ReadonlySet<string> = new Set();
  /** For so many destinations the kernel has refused a filter, and would refuse it again (ENOMEM; EPERM in a sandbox). */
  #refused = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #attachedAt = Number.NEGATIVE_INFINITY;

  /** @param onUnheard is told, from within `watch`, that routes to a destination may have changed unheard before it was watched. */
  constructor(socket: Pick<EventSocket, 'attachFilter' | 'detachFilter'>, onUnheard: () => void) {
    this.#socket = socket;
    this.#onUnheard = onUnheard;
  }

  /**
   * @param destinations IP addresses without zones; `'all'`, or more than {@link MOST_DESTINATIONS}, for no filter.
   * @throws {InvalidOptionError} when one is not an address; then nothing has changed.
   */
  watch(destinations: Iterable<string> | 'all'): void {
    const watched = destinations === 'all' ? 'all' : this.#atMost(destinations);
    this.#watched = watched;
    if (this.#passing === undefined) {
      this.#schedule();
    } else if (!includesAll(this.#passing, watched)) {
      this.#socket.detachFilter();
      this.#passing = undefined;
      this.#schedule();
      this.#onUnheard();
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Reads no further than needed to see that there are too many. */
  #atMost(destinations: Iterable<string>): ReadonlySet<string> | 'all' {
    const read: string[] = [];
    for (const destination of destinations) {
      if (read.length === MOST_DESTINATIONS) return 'all';
      read.push(destination);
    }
    for (const destination of read) {
      if (this.#known.has(destination) || parseIp(destination) !== undefined) continue;
      throw new InvalidOptionError('watchDestinations: destination', destination, 'an IP address without a zone');
    }
    return new Set(read);
  }

  #schedule(): void {
    if (this.#watched === 'all' || this.#timer !== undefined) return;
    const wait = this.#attachedAt + ATTACH_INTERVAL - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#attach();
      },
      Math.max(0, wait),
    );
    this.#timer.unref();
  }

  #attach(): void {
    if (this.#watched === 'all') return;
    const destinations = rememberWhileThereIsRoom(this.#watched, this.#known);
    if (destinations.size >= this.#refused) return;
    this.#attachedAt = performance.now();
    try {
      this.#socket.attachFilter(buildRouteFilter([...destinations].map(parseIp).filter((ip) => ip !== undefined)));
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      this.#refused = destinations.size;
      return;
    }
    this.#known = destinations;
    this.#passing = destinations;
  }
}

/** Work that comes back to a destination, call after call, should not cost a filter each time. */
function rememberWhileThereIsRoom(watched: ReadonlySet<string>, known: ReadonlySet<string>): ReadonlySet<string> {
  const both = new Set([...watched, ...known]);
  return both.size <= MOST_DESTINATIONS ? both : watched;
}

function includesAll(passing: ReadonlySet<string>, watched: ReadonlySet<string> | 'all'): boolean {
  return watched !== 'all' && [...watched].every((destination) => passing.has(destination));
}
