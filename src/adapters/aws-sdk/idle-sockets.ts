import type { SdkHandler } from './sdk.js';

/**
 * The connections that the client keeps open between requests. After an outage they may lead nowhere any more: the other end has given them up,
 * or the address that they begin at has gone. A request on such a one would hang, and only for having been sent too early.
 */
export class IdleSockets {
  readonly #handler: SdkHandler;
  #droppedAt = Number.NEGATIVE_INFINITY;

  constructor(handler: SdkHandler) {
    this.#handler = handler;
  }

  /**
   * Closes those that are idle, once for each outage: those that were opened after it are good.
   *
   * @param lostAt when the outage was noticed, by `performance.now()`.
   */
  dropOlderThan(lostAt: number): void {
    if (this.#droppedAt >= lostAt) return;
    this.#droppedAt = performance.now();
    const configuration = this.#handler.httpHandlerConfigs?.() ?? {};
    for (const name of ['httpAgent', 'httpsAgent']) {
      for (const socket of idleIn(Reflect.get(configuration, name))) socket.destroy();
    }
  }
}

interface Destroyable {
  destroy(): void;
}

/** Of an `http.Agent`, by shape: there are others. */
function idleIn(agent: unknown): readonly Destroyable[] {
  if (typeof agent !== 'object' || agent === null || !('freeSockets' in agent)) return [];
  const { freeSockets } = agent;
  if (typeof freeSockets !== 'object' || freeSockets === null) return [];
  return Object.values(freeSockets).flat().filter(isDestroyable);
}

function isDestroyable(value: unknown): value is Destroyable {
  return typeof value === 'object' && value !== null && 'destroy' in value && typeof value.destroy === 'function';
}
