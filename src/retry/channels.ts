import { channel } from 'node:diagnostics_channel';

/** Where every call of the process publishes its events, as `{ sender, event }`. */
export const RETRY_CHANNELS = {
  attempt: channel('netpause.retry.attempt'),
  failure: channel('netpause.retry.failure'),
  pause: channel('netpause.retry.pause'),
  resume: channel('netpause.retry.resume'),
  settle: channel('netpause.retry.settle'),
};
