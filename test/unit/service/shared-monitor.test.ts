import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { NetworkMonitor, setSharedMonitor, sharedMonitor } from '../../../src/monitor/index.js';
import type { SharedNetwork } from '../../../src/service/index.js';

let warnings: unknown[];

beforeEach(() => {
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(warning));
  // The default one would connect to hosts on the internet.
  vi.spyOn(NetworkMonitor.prototype, 'start').mockResolvedValue();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await sharedMonitor().stop();
  for (const slot of Object.getOwnPropertySymbols(globalThis)) {
    if (slot.description?.startsWith('netpause.')) Reflect.deleteProperty(globalThis, slot);
  }
});

/** Another copy of the package in the same thread, with classes of its own, as of another version or the other module format. */
async function anotherCopy(): Promise<typeof import('../../../src/monitor/index.js')> {
  vi.resetModules();
  return import('../../../src/monitor/index.js');
}

it('is made and started on first use, and is one', () => {
  const monitor = sharedMonitor();
  expect(monitor).toBeInstanceOf(NetworkMonitor);
  expect(monitor.start).toHaveBeenCalledOnce();
  expect(sharedMonitor()).toBe(monitor);
  expect(monitor.start).toHaveBeenCalledOnce();
});

it('is one for all copies of the package', async () => {
  const other = await anotherCopy();
  expect(other.NetworkMonitor).not.toBe(NetworkMonitor);
  const monitor = sharedMonitor();
  expect(other.sharedMonitor()).toBe(monitor);
});

it('that one copy sets is that of the others', async () => {
  const other = await anotherCopy();
  const monitor = new other.NetworkMonitor({ checkHosts: [] });
  setSharedMonitor(monitor);
  expect(sharedMonitor()).toBe(monitor);
  expect(sharedMonitor().state).toBe('unknown');
  expect(monitor.reason).toBe('not-judged');
});

it('is neither started nor stopped where it is your own', () => {
  const monitor = new NetworkMonitor({ checkHosts: [] });
  setSharedMonitor(monitor);
  setSharedMonitor(new NetworkMonitor());
  expect(sharedMonitor()).not.toBe(monitor);
  expect(monitor.start).not.toHaveBeenCalled();
  expect(warnings).toEqual([]);
});

it('set when the default one is in use already warns of that', () => {
  sharedMonitor();
  setSharedMonitor(new NetworkMonitor());
  expect(warnings).toEqual([expect.stringContaining('call it earlier')]);
});

it('set after the default one was stopped does not', async () => {
  await sharedMonitor().stop();
  setSharedMonitor(new NetworkMonitor());
  expect(warnings).toEqual([]);
});

it('must be a monitor', () => {
  // @ts-expect-error: that is the point
  expect(() => setSharedMonitor({})).toThrow(InvalidOptionError);
  // @ts-expect-error: that is the point
  expect(() => setSharedMonitor(undefined)).toThrow(InvalidOptionError);
  // @ts-expect-error: a network of another thread has neither start() nor snapshot()
  const refused = (network: SharedNetwork): void => setSharedMonitor(network);
  expect(refused).toBeTypeOf('function');
});

it('that something else has put into its place is not believed', () => {
  Reflect.set(globalThis, Symbol.for('netpause.sharedMonitor.v1'), { monitor: 'mine' });
  expect(sharedMonitor()).toBeInstanceOf(NetworkMonitor);
});
