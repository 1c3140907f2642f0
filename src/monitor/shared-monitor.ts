import { InvalidOptionError } from '../errors/index.js';
import { NetworkMonitor } from './network-monitor.js';

/**
 * The one monitor of this thread for those who give none of their own: made with the default options and started on first use.
 *
 * It is one for all copies of netpause that the thread has loaded, such as the ES module and the CommonJS build, or those that two
 * dependencies have brought. It keeps no process alive, and nothing waits for its start: until it has judged, its state is `unknown`, which
 * pauses nothing.
 */
export function sharedMonitor(): NetworkMonitor {
  const known = readSlot();
  if (known !== undefined) return known.monitor;
  const monitor = new NetworkMonitor();
  Reflect.set(globalThis, SLOT, { monitor, origin: 'default' } satisfies Slot);
  // start() falls back on polling rather than fail; if even that throws, the state stays unknown and work goes on unpaused.
  monitor.start().catch(() => {});
  return monitor;
}

/**
 * Makes a monitor of your own the shared one, with your own options. Starting and stopping it stays with you. Call it before any work begins:
 * what has the default monitor by then keeps it, and the process is warned of that.
 *
 * @throws {InvalidOptionError} where it is no monitor.
 */
export function setSharedMonitor(monitor: NetworkMonitor): void {
  if (!isMonitor(monitor)) throw new InvalidOptionError('setSharedMonitor: monitor', monitor, 'a NetworkMonitor');
  const before = readSlot();
  Reflect.set(globalThis, SLOT, { monitor, origin: 'given' } satisfies Slot);
  if (before?.origin === 'default' && before.monitor !== monitor && before.monitor.reason !== 'stopped') {
    process.emitWarning(
      'setSharedMonitor() was called when the default monitor was in use already, which goes on running: call it earlier, or stop that one first',
      'NetpauseWarning',
    );
  }
}

interface Slot {
  readonly monitor: NetworkMonitor;
  /** Whether it was made here, or set by the program. */
  readonly origin: 'default' | 'given';
}

/**
 * Where all copies of netpause in this thread find it. The number is that of what they expect of the monitor there: a copy that expects
 * something else takes another number, and has a monitor of its own.
 */
const SLOT = Symbol.for('netpause.sharedMonitor.v1');

/** Every call that names no network reads it: not by `Reflect.get`, which takes ten times as long. */
const everyCopy: { readonly process: unknown; readonly [SLOT]?: unknown } = globalThis;

function readSlot(): Slot | undefined {
  const slot = everyCopy[SLOT];
  // Nobody changes what is in it, only the whole.
  if (slot !== lastRead) lastRead = isSlot(slot) ? slot : undefined;
  return lastRead;
}

let lastRead: Slot | undefined;

/** Not by class: another copy's class is another class. */
function isSlot(value: unknown): value is Slot {
  return typeof value === 'object' && value !== null && 'monitor' in value && isMonitor(value.monitor);
}

function isMonitor(value: unknown): value is NetworkMonitor {
  return (
    typeof value === 'object' &&
    value !== null &&
    METHODS.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}

const METHODS = ['start', 'stop', 'snapshot', 'waitForNetwork', 'onChange', 'report', 'target', 'track', 'on'] as const;
