import { once } from 'node:events';
import { NetworkMonitor } from '../../monitor/index.js';
import { EXIT } from '../exit-codes.js';
import { type MonitorFlags, monitorOptionsOf } from '../options/monitor-flags.js';
import { untilStopped } from '../signals.js';
import { JsonLines } from './json-lines.js';
import { LiveScreen } from './live-screen.js';
import { emptyModel, update } from './model.js';
import { now, observe, Sampler } from './observe.js';
import { PlainLines } from './plain-lines.js';
import type { Presenter } from './presenter.js';

/** The flags of `netpause watch`. */
export interface WatchFlags extends MonitorFlags {
  readonly json?: boolean;
}

/** Shows the network as it changes, until the user has seen enough. */
export async function watch(destinations: readonly string[], flags: WatchFlags): Promise<number> {
  const monitor = new NetworkMonitor(monitorOptionsOf(flags));
  const sampler = new Sampler(monitor, destinations);
  try {
    await untilStopped((stopped) => show(monitor, sampler, flags, stopped));
    return EXIT.ok;
  } finally {
    await monitor.stop();
  }
}

/**
 * Resolves when the user quits.
 *
 * @throws the signal's reason.
 */
async function show(monitor: NetworkMonitor, sampler: Sampler, flags: WatchFlags, stopped: AbortSignal): Promise<void> {
  const quit = new AbortController();
  const presenter = presenterFor(flags, () => quit.abort());
  let model = emptyModel(now());
  try {
    const unobserve = await observe(monitor, sampler, (event) => {
      model = update(model, event);
      presenter.show(event, model);
    });
    await aborted(AbortSignal.any([stopped, quit.signal]));
    unobserve();
  } finally {
    presenter.close();
  }
  stopped.throwIfAborted();
}

function presenterFor({ json }: WatchFlags, quit: () => void): Presenter {
  if (json === true) return new JsonLines();
  return process.stdout.isTTY ? new LiveScreen(quit) : new PlainLines();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
