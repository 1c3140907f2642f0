import type { NetworkSource } from '../../retry/index.js';
import type { RecordStore } from '../../store/index.js';

/** What an {@link OwnSight} needs. */
export interface OwnSightOptions {
  readonly store: RecordStore;
  /** Who knows whether the registry is online. */
  readonly monitor: NetworkSource | undefined;
  /** Milliseconds for which a member counts as being there after it was heard of. */
  readonly memberTtl: number;
}

/**
 * Whether a registry can know who is there. It cannot while it is offline itself, nor while its shared store is away, in which the others write down
 * whom they have heard; and not before it has listened again for as long as that lasted, or for the time to live of a member: until then those whom
 * it could not hear have had no opportunity to be heard.
 */
export class OwnSight {
  readonly #options: OwnSightOptions;
  readonly #look = (): void => this.#onChange();
  #unsubscribe = (): void => {};
  #lostAt: number | undefined;
  #offlineSince: number | undefined;
  /** By the clock of the process. */
  #clearAt = Number.NEGATIVE_INFINITY;

  constructor(options: OwnSightOptions) {
    this.#options = options;
  }

  /** Whether what it sees is how things are. */
  get isClear(): boolean {
    return this.#lostAt === undefined && performance.now() >= this.#clearAt;
  }

  /** Since when the registry has been offline itself, in milliseconds since 1970; undefined while it is not. */
  get offlineSince(): number | undefined {
    return this.#offlineSince;
  }

  start(): void {
    const { store, monitor } = this.#options;
    store.on('away', this.#look);
    store.on('back', this.#look);
    this.#unsubscribe = monitor?.onChange(this.#look) ?? this.#unsubscribe;
    this.#onChange();
  }

  stop(): void {
    const { store } = this.#options;
    store.off('away', this.#look);
    store.off('back', this.#look);
    this.#unsubscribe();
  }

  /** Nobody has been listened to for so many milliseconds before now. */
  wasBlindFor(duration: number): void {
    this.#clearAt = performance.now() + Math.min(duration, this.#options.memberTtl);
  }

  #onChange(): void {
    const { store, monitor } = this.#options;
    const isOffline = monitor?.state === 'down';
    this.#offlineSince = isOffline ? (this.#offlineSince ?? Date.now()) : undefined;
    const now = performance.now();
    if (isOffline || !store.health.reachable) {
      // What is lost again before it was clear has been lost all along.
      this.#lostAt ??= now - Math.max(0, this.#clearAt - now);
      return;
    }
    if (this.#lostAt === undefined) return;
    this.wasBlindFor(now - this.#lostAt);
    this.#lostAt = undefined;
  }
}
