import { NetpauseError } from '../errors/index.js';

/** A store has no room for another record. */
export class StoreFullError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_STORE_FULL';

  constructor(collection: string, most: number) {
    super(
      `the collection '${collection}' holds ${most} records already; what is in it has to expire or be deleted first`,
    );
  }
}
