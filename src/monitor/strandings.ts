import { callSafely } from '../events/index.js';
import type { NetworkReason } from '../state/index.js';
import type { Egress } from './path.js';

type OnStranded = (reason: NetworkReason) => void;

/** An address that is taken away and put back by a DHCP client or an administrator breaks no connection in this time. Milliseconds. */
const GRACE = 200;

interface Group {
  readonly listeners: Set<OnStranded>;
  timer?: NodeJS.Timeout;
}

/**
 * Work in flight, by the egress that it began on. When that has lost its link or its source address while the network as a whole goes on,
 * connections made there are stranded: TCP would not notice for a quarter of an hour.
 */
export class Strandings {
  readonly #groups = new Map<Egress | undefined, Group>();
  /** Why connections on an egress cannot be carried any more, or undefined while they can. */
  readonly #lost: (egress: Egress) => NetworkReason | undefined;

  constructor(lost: (egress: Egress) => NetworkReason | undefined) {
    this.#lost = lost;
  }

  /** Whether any work is in flight. */
  get busy(): boolean {
    return this.#groups.size > 0;
  }

  add(egress: Egress | undefined, onStranded: OnStranded): () => void {
    const group = this.#groups.get(egress) ?? { listeners: new Set() };
    this.#groups.set(egress, group);
    const own: OnStranded = (reason) => onStranded(reason);
    group.listeners.add(own);
    return () => {
      group.listeners.delete(own);
      if (group.listeners.size === 0 && this.#groups.get(egress) === group) {
        clearTimeout(group.timer);
        this.#groups.delete(egress);
      }
    };
  }

  /** To be called after every judgement that leaves the network usable. */
  review(): void {
    for (const [egress, group] of this.#groups) {
      if (egress === undefined || group.timer !== undefined || this.#lost(egress) === undefined) continue;
      group.timer = setTimeout(() => this.#strand(egress, group), GRACE);
      group.timer.unref();
    }
  }

  #strand(egress: Egress, group: Group): void {
    delete group.timer;
    const reason = this.#lost(egress);
    if (reason === undefined) return;
    const stranded = [...group.listeners];
    group.listeners.clear();
    for (const listener of stranded) callSafely(() => listener(reason));
  }
}
