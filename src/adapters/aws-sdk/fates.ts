/**
 * What an error means for the call that ends with it.
 *
 * - `own`: it is for the SDK's strategy to decide over.
 * - `lost`: an outage is to blame. The same attempt is made again.
 * - `final`: the call has waited for the network as long as it may. No attempt follows.
 */
export type Fate = 'own' | 'lost' | 'final';

/** What the handler knows of its errors, for the strategy that is asked about them. */
export class Fates {
  readonly #fates = new WeakMap<object, Fate | Promise<Fate>>();

  set(error: unknown, fate: Fate | Promise<Fate>): void {
    if (typeof error === 'object' && error !== null) this.#fates.set(error, fate);
  }

  async of(error: unknown): Promise<Fate> {
    const isKnown = typeof error === 'object' && error !== null;
    return (isKnown && (await this.#fates.get(error))) || 'own';
  }
}
