import { NetworkMonitor } from '../../src/index.js';
import { type Emit, serveActor } from '../../test/lab/index.js';
import { monotonicMs } from './clock.js';
import { DEADLINE, NETPAUSE } from './settings.js';
import type { Contender } from './stage.js';
import type { OnUploadEvent, UploadEvent, UploadResult, UploadTarget } from './upload-event.js';
import { uploadWithNetpause } from './with-netpause.js';
import { uploadWithPRetry } from './with-p-retry.js';

/** What the process of an upload tells; the end comes last. */
export type Told = UploadEvent | { readonly type: 'ended'; readonly result: UploadResult };

/** One upload in a process of its own. */
const actor = serveActor((emit: Emit<{ told: Told }>) => ({
  /** Begins; everything else is told as it happens. A bug of the demo itself ends the process. */
  start(contender: Contender, target: UploadTarget): void {
    const upload = contender === 'netpause' ? watchAndUpload : uploadWithPRetry;
    const signal = AbortSignal.timeout(DEADLINE);
    void upload(target, (event) => emit('told', event), signal).then((result) =>
      emit('told', { type: 'ended', result }),
    );
  },
}));

export type UploadActor = typeof actor;

/** The netpause upload with a real monitor. The server that the work goes to is the best witness for its network. */
async function watchAndUpload(
  target: UploadTarget,
  onEvent: OnUploadEvent,
  signal: AbortSignal,
): Promise<UploadResult> {
  const { hostname, port } = new URL(target.endpoint);
  const { checkInterval, checkTimeout } = NETPAUSE;
  const monitor = new NetworkMonitor({
    checkHosts: [hostname],
    checkPorts: [Number(port)],
    checkInterval,
    checkTimeout,
  });
  monitor.on('state', ({ to, reason }) => onEvent({ type: 'network', at: monotonicMs(), to, reason }));
  await monitor.start();
  try {
    return await uploadWithNetpause(target, monitor, onEvent, signal);
  } finally {
    await monitor.stop();
  }
}
