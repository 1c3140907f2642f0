import { type EventSocket, type Libc, openEventSocket } from '../../native/index.js';
import { toError } from '../errors/index.js';
import { InterfaceTable, type TableChange } from './interface-table.js';
import type { Link } from './link.js';
import { decodeDatagram, type NetlinkMessage } from './message.js';
import { RequestClient, type RouteAnswer } from './request-client.js';
import type { RouteQuery } from './requests.js';
import { RouteWatch } from './route-watch.js';

/** What a connection tells. */
export interface RtnetlinkHandlers {
  /**
   * Something changed. `changes` is what changed in the table of links and addresses; it is empty when only routes or rules did. Never
   * called from within `openRtnetlink`.
   */
  onChange(changes: readonly TableChange[]): void;
  /** Something could not be read or understood. The table is read anew; nothing needs to be done. */
  onError(error: Error): void;
}

/** How to connect. */
export interface RtnetlinkOptions {
  /**
   * The receive buffer to ask for, in bytes.
   *
   * @default 4_194_304
   */
  readonly receiveBuffer?: number;
}

/** The kernel's links, addresses and routes: a table that follows the kernel's events, and questions that it answers at once. */
export interface Rtnetlink {
  /** The links and addresses, as of the last event. */
  readonly table: InterfaceTable;
  /** For questions of every kind. */
  readonly requests: RequestClient;
  /** Asks how a packet to a destination would leave. */
  route(query: RouteQuery): RouteAnswer;
  /** Asks for one link, past the events that are still on their way, and takes it over into the table. */
  refreshLink(index: number): Link | undefined;
  /**
   * Takes over, and tells within this call, the changes that have been heard and not yet been told: an answer of `route` is live, and the table
   * as old as the last turn of the event loop.
   *
   * @returns whether there were any.
   */
  catchUp(): boolean;
  /**
   * Says for which destinations it matters when a route changes. A socket filter in the kernel then drops the changes of all routes that hold
   * none of them, so that the process is not even woken; changes of links, addresses, rules, nexthop objects and default routes are told as before.
   *
   * No change is lost: a destination that is new is heard of from this call on, and where it was not before, `onChange([])` is called once
   * within it, so that whatever was concluded earlier is judged anew. Where the kernel refuses the filter everything is told, which is only slower.
   *
   * @param destinations IPv4 and IPv6 addresses without zones, instead of those of the last call; `'all'`, as at the beginning, for the changes
   * of all routes. More than 100, counted with repetitions, mean `'all'`.
   * @throws {InvalidOptionError} when one of them is not an address.
   */
  watchDestinations(destinations: Iterable<string> | 'all'): void;
  /** Reads links and addresses anew and tells the difference; an error goes to `onError`. */
  resync(): void;
  /** Closes both sockets; no handler is called afterwards. May be repeated. */
  close(): void;
}

/** enum rtnetlink_groups of linux/rtnetlink.h. Rules and nexthop objects change how destinations are reached without a route message. */
const GROUPS = {
  LINK: 1,
  IPV4_IFADDR: 5,
  IPV4_ROUTE: 7,
  IPV4_RULE: 8,
  IPV6_IFADDR: 9,
  IPV6_ROUTE: 11,
  IPV6_RULE: 19,
  NEXTHOP: 32,
} as const;

/** At most four full readings a second, however often the kernel overruns us: a reading of many links takes milliseconds. */
const RESYNC_INTERVAL = 250;

/**
 * Subscribes to the kernel's changes and reads what there is.
 *
 * @throws {SystemCallError} when the kernel refuses a socket; {@link NetlinkError} or {@link NetlinkDecodeError} when the first reading fails.
 */
export function openRtnetlink(libc: Libc, handlers: RtnetlinkHandlers, options: RtnetlinkOptions = {}): Rtnetlink {
  return new Connection(libc, handlers, options);
}

class Connection implements Rtnetlink {
  readonly table = new InterfaceTable();
  readonly requests: RequestClient;
  readonly #handlers: RtnetlinkHandlers;
  readonly #events: EventSocket;
  readonly #routeWatch: RouteWatch;
  #resyncTimer: NodeJS.Timeout | undefined;
  #resyncedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(libc: Libc, handlers: RtnetlinkHandlers, { receiveBuffer }: RtnetlinkOptions) {
    this.#handlers = handlers;
    this.requests = new RequestClient(libc);
    try {
      this.#events = openEventSocket(
        libc,
        { groups: Object.values(GROUPS), ...(receiveBuffer !== undefined && { receiveBuffer }) },
        {
          onDatagram: (bytes) => this.#onDatagram(bytes),
          onOverrun: () => this.#scheduleResync(),
          onError: (error) => {
            handlers.onError(error);
            this.#scheduleResync();
          },
        },
      );
    } catch (error) {
      this.requests.close();
      throw error;
    }
    this.#routeWatch = new RouteWatch(this.#events, () => handlers.onChange([]));
    try {
      // Only after the subscription: what changes meanwhile is then heard twice rather than not at all.
      if (!this.#read().consistent) this.#scheduleResync();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  route(query: RouteQuery): RouteAnswer {
    return this.requests.route(query);
  }

  refreshLink(index: number): Link | undefined {
    const link = this.requests.link({ index });
    this.#publish(this.table.refreshLink(index, link));
    return link;
  }

  catchUp(): boolean {
    return this.#events.catchUp();
  }

  watchDestinations(destinations: Iterable<string> | 'all'): void {
    if (!this.#closed) this.#routeWatch.watch(destinations);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#resyncTimer);
    this.#routeWatch.close();
    this.#events.close();
    this.requests.close();
  }

  #onDatagram(bytes: Uint8Array): void {
    let messages: readonly NetlinkMessage[];
    try {
      messages = decodeDatagram(bytes);
    } catch (error) {
      this.#handlers.onError(toError(error));
      this.#scheduleResync();
      return;
    }
    const changes = messages.flatMap((message) => this.table.apply(message));
    if (changes.length > 0 || messages.some(concernsRouting)) this.#handlers.onChange(changes);
  }

  #scheduleResync(): void {
    if (this.#closed || this.#resyncTimer !== undefined) return;
    const wait = this.#resyncedAt + RESYNC_INTERVAL - performance.now();
    this.#resyncTimer = setTimeout(() => this.resync(), Math.max(0, wait));
    this.#resyncTimer.unref();
  }

  resync(): void {
    clearTimeout(this.#resyncTimer);
    this.#resyncTimer = undefined;
    if (this.#closed) return;
    try {
      // The events that are still queued are older than the reading: heard after it, they would undo and redo changes that are over.
      this.#events.drain();
      const { changes, consistent } = this.#read();
      // Routes may have changed as well, and nobody would know.
      this.#handlers.onChange(changes);
      if (!consistent) this.#scheduleResync();
    } catch (error) {
      this.#handlers.onError(toError(error));
      this.#scheduleResync();
    }
  }

  #read(): { changes: readonly TableChange[]; consistent: boolean } {
    this.#resyncedAt = performance.now();
    const links = this.requests.dumpLinks();
    const addresses = this.requests.dumpAddresses();
    const changes = this.table.replace(links.entries, addresses.entries);
    return { changes, consistent: links.consistent && addresses.consistent };
  }

  #publish(changes: readonly TableChange[]): void {
    if (changes.length > 0) this.#handlers.onChange(changes);
  }
}

/** Links and addresses count by what they change; everything else on these groups is about how destinations are reached. */
function concernsRouting(message: NetlinkMessage): boolean {
  return message.kind === 'route' || message.kind === 'rule' || message.kind === 'unknown';
}
