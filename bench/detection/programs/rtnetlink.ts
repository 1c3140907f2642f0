import { loadNative, openRtnetlink } from '../../../src/netlink/index.js';
import { serveWatcher } from '../watcher.js';

/** The layer beneath the monitor, without any judgement: each word that it could say is as good as the other. */
serveWatcher(async (say) => {
  const native = await loadNative();
  if (!native.supported) throw new Error(native.reason);
  const rtnetlink = openRtnetlink(native.libc, {
    onChange: () => {
      say('down');
      say('up');
    },
    onError: (error) => process.emitWarning(error),
  });
  return () => rtnetlink.close();
});
