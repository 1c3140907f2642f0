import { channel } from 'node:diagnostics_channel';

/** Where every monitor of the process publishes its events, as `{ sender, event }`. */
export const MONITOR_CHANNELS = {
  state: channel('netpause.monitor.state'),
  link: channel('netpause.monitor.link'),
  check: channel('netpause.monitor.check'),
  error: channel('netpause.monitor.error'),
};
