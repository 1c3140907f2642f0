import { types } from 'node:util';
import type { KernelView, KernelViewHandlers } from './kernel-view.js';
import type { ResolvedMonitorOptions } from './monitor-options.js';

/** A view, and how it came to be this one. */
export interface OpenedView {
  readonly view: KernelView;
  /** By what netlink is called, where the view is by netlink. */
  readonly ffi?: 'koffi' | 'node:ffi';
  /** Why there is no better one; absent where this is the best there is. */
  readonly reason?: string;
}

/** One way to learn of links, addresses and routes. Where it is not to be had it throws, and the message is the reason. */
export type Rung = (options: ResolvedMonitorOptions, handlers: KernelViewHandlers) => Promise<OpenedView>;

/**
 * Opens the best view that is to be had: by netlink, which tells of every change; by the kernel's files, which show as much to those who look;
 * or by the list of interfaces that every system has.
 *
 * @param rungs the ways, best first. The last is to be had everywhere.
 */
export async function openView(
  options: ResolvedMonitorOptions,
  handlers: KernelViewHandlers,
  rungs: readonly Rung[] = LADDER,
): Promise<OpenedView> {
  const reasons: string[] = [];
  for (const open of rungs) {
    try {
      const { reason, ...opened } = await open(options, handlers);
      if (reason !== undefined) reasons.push(reason);
      return reasons.length === 0 ? opened : { ...opened, reason: reasons.join('; ') };
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new Error(`nothing tells of the interfaces of this host: ${reasons.join('; ')}`);
}

// Each is imported when it is its turn, so that work with a network of its own neither loads nor bundles any of them.
const LADDER: readonly Rung[] = [
  async ({ enableNetlink }, handlers) => {
    if (!enableNetlink) throw new Error('netlink is switched off by the option enableNetlink');
    const { loadNative } = await import('../../native/index.js');
    const native = await loadNative();
    if (!native.supported) throw new Error(native.reason);
    const { openNetlinkView } = await import('./netlink-view.js');
    const { libc, ffi, reason } = native;
    try {
      return { view: openNetlinkView(libc, handlers), ffi, ...(reason !== undefined && { reason }) };
    } catch (cause) {
      throw new Error(`the kernel refuses netlink: ${messageOf(cause)}`, { cause });
    }
  },
  async ({ pollInterval }, handlers) => {
    const { openProcView } = await import('./proc-view.js');
    return { view: openProcView(pollInterval, handlers) };
  },
  async ({ pollInterval }, handlers) => {
    const { openInterfacesView } = await import('./interfaces-view.js');
    const { view, failure } = openInterfacesView(pollInterval, handlers);
    return { view, ...(failure !== undefined && { reason: `os.networkInterfaces() fails: ${messageOf(failure)}` }) };
  },
];

function messageOf(error: unknown): string {
  // Not by class: Jest runs code in a sandbox with an Error of its own, which those of Node.js are no instances of.
  return types.isNativeError(error) ? error.message : String(error);
}
