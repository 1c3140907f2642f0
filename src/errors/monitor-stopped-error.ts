import { NetpauseError } from './netpause-error.js';

/** The monitor is not running, or was stopped during a wait, so that nobody would ever say that the network is back. */
export class MonitorStoppedError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_STOPPED';

  constructor(message = 'the network monitor is not running: call start() before waiting on it') {
    super(message);
  }
}
