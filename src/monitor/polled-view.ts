import { toError } from '../errors/index.js';
import type {
  AddressFacts,
  KernelView,
  KernelViewHandlers,
  LinkFacts,
  NetworkInterface,
  RouteLookup,
  SocketTraits,
} from './kernel-view.js';
import { compareLinks } from './link-change.js';

/** What one look at the system found. */
export interface Reading {
  readonly links: ReadonlyMap<number, LinkFacts>;
  readonly addresses: readonly AddressFacts[];
  /** Stands for everything but the links that a look-up depends on: where it is equal, look-ups are. */
  readonly fingerprint: string;
}

/** Something that can be looked at, but does not tell when it changes. */
export interface PolledSource<Found extends Reading> {
  readonly source: KernelView['source'];
  /** Looks at everything. It throws where that fails at this moment, and then what was known before stands. */
  read(before: Found): Found;
  /** Looks at one link and at what may have changed along with it. It throws as `read` does. */
  readLink(before: Found, index: number): Found;
  lookup(found: Found, destination: string, traits: SocketTraits): RouteLookup;
  interfaces(): readonly NetworkInterface[];
}

/** A view of what has to be looked at again and again to know of a change. */
export function openPolledView<Found extends Reading>(
  source: PolledSource<Found>,
  first: Found,
  interval: number,
  handlers: KernelViewHandlers,
): KernelView {
  return new PolledView(source, first, interval, handlers);
}

/**
 * Looking takes at most this share of the time, however many interfaces there are: a host with thousands of them is looked at less often
 * than every `interval`.
 */
const LARGEST_SHARE = 0.05;

/** Nor less often than this, when a look took long because the whole process stood still. Milliseconds. */
const LONGEST_WAIT = 10_000;

class PolledView<Found extends Reading> implements KernelView {
  readonly source: KernelView['source'];
  readonly #source: PolledSource<Found>;
  readonly #interval: number;
  readonly #handlers: KernelViewHandlers;
  #found: Found;
  #failing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: PolledSource<Found>, first: Found, interval: number, handlers: KernelViewHandlers) {
    this.source = source.source;
    this.#source = source;
    this.#found = first;
    this.#interval = interval;
    this.#handlers = handlers;
    this.#schedule(interval);
  }

  links(): ReadonlyMap<number, LinkFacts> {
    return this.#found.links;
  }

  addresses(): Iterable<AddressFacts> {
    return this.#found.addresses;
  }

  lookup(destination: string, traits: SocketTraits = {}): RouteLookup {
    return this.#source.lookup(this.#found, destination, traits);
  }

  /** Whatever changed is found at the next look, whoever it matters to. */
  watchDestinations(): void {}

  refreshLink(index: number): void {
    this.#take((before) => this.#source.readLink(before, index))();
  }

  catchUp(): boolean {
    return false;
  }

  refresh(): void {
    this.#take((before) => this.#source.read(before))();
  }

  interfaces(): readonly NetworkInterface[] {
    return this.#source.interfaces();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(wait: number): void {
    this.#timer = setTimeout(() => this.#poll(), wait);
    this.#timer.unref();
  }

  #poll(): void {
    const startedAt = performance.now();
    const tell = this.#take((before) => this.#source.read(before));
    const took = performance.now() - startedAt;
    // Before anybody is told: who hears of it may close the view.
    this.#schedule(Math.max(this.#interval, Math.min(took / LARGEST_SHARE, LONGEST_WAIT)));
    tell();
  }

  /** Takes a new reading over, and returns what tells of the difference. */
  #take(read: (before: Found) => Found): () => void {
    const before = this.#found;
    try {
      this.#found = read(before);
    } catch (error) {
      return this.#fail(error);
    }
    this.#failing = false;
    const links = compareLinks(before.links, this.#found.links);
    const changed = links.length > 0 || before.fingerprint !== this.#found.fingerprint;
    return changed ? () => this.#handlers.onChange(links) : nothing;
  }

  /** What cannot be read at this moment, for want of a descriptor or of memory, has not changed by that. Said once, not at every look. */
  #fail(error: unknown): () => void {
    if (this.#failing) return nothing;
    this.#failing = true;
    return () => this.#handlers.onError(toError(error));
  }
}

function nothing(): void {}
