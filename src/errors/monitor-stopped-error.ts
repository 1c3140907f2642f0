import { NetpauseError } from './netpause-error.js';

/** The monitor was stopped while something waited on it, so nobody would ever say that the network is back. */
export class MonitorStoppedError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_STOPPED';

  constructor(message = 'the network monitor was stopped; start it again before waiting on it') {
    super(message);
  }
}
