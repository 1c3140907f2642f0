import { loadNative, openRtnetlink, type Rtnetlink } from '../../../src/netlink/index.js';
import { serveActor } from '../../../test/lab/actor/serve.js';

let rtnetlink: Rtnetlink | undefined;
let heard = 0;

/** Hears of routes: of all, or of those that matter to the given destinations. */
const listener = serveActor(() => ({
  async begin(destinations: readonly string[] | 'all'): Promise<void> {
    const native = await loadNative();
    if (!native.supported) throw new Error(native.reason);
    rtnetlink = openRtnetlink(native.libc, {
      onChange: () => {
        heard += 1;
      },
      onError: (error) => process.emitWarning(error),
    });
    rtnetlink.watchDestinations(destinations);
  },
  /** @returns how often anything was heard. */
  end(): number {
    rtnetlink?.close();
    return heard;
  },
}));

export type Listener = typeof listener;
