import { NetpauseError } from '../errors/index.js';

/** A store has no room for another record. */
export class StoreFullError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_STORE_FULL';

  constructor(collection: string, most: string) {
    super(`the collection '${collection}' holds ${most} already; what is in it has to expire or be deleted first`);
  }
}
