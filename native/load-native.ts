import { types } from 'node:util';
import { loadKoffiCalls } from './koffi-calls.js';
import { checkedLibc, type Libc } from './libc.js';
import { loadNodeFfiCalls } from './node-ffi-calls.js';

/** Whether the kernel can be called from here, by what, and if not, why. */
export type NativeSupport =
  | {
      readonly supported: true;
      readonly libc: Libc;
      readonly ffi: 'koffi' | 'node:ffi';
      /** Why it is not koffi, where it is not. */
      readonly reason?: string;
    }
  | { readonly supported: false; readonly reason: string; readonly cause?: unknown };

let loading: Promise<NativeSupport> | undefined;

/**
 * Loads the FFI, once per thread: koffi, or where that cannot be had the one of Node.js itself. Never rejects: where there is none (no Linux,
 * koffi not installed, native add-ons forbidden by `--permission`) the answer says why.
 */
export function loadNative(): Promise<NativeSupport> {
  loading ??= load();
  return loading;
}

async function load(): Promise<NativeSupport> {
  if (process.platform !== 'linux') {
    return { supported: false, reason: `netlink exists on Linux only, and this is ${process.platform}` };
  }
  try {
    return { supported: true, libc: checkedLibc(await loadKoffiCalls()), ffi: 'koffi' };
  } catch (cause) {
    return withoutKoffi(cause);
  }
}

function withoutKoffi(cause: unknown): NativeSupport {
  const reason = `koffi could not be loaded: ${firstLineOf(cause)}`;
  try {
    return { supported: true, libc: checkedLibc(loadNodeFfiCalls()), ffi: 'node:ffi', reason };
  } catch (error) {
    return { supported: false, reason: `${reason}; nor node:ffi: ${firstLineOf(error)}`, cause };
  }
}

function firstLineOf(error: unknown): string {
  // Not by class: Jest runs code in a sandbox with an Error of its own, which those of Node.js are no instances of.
  const text = types.isNativeError(error) ? error.message : String(error);
  const [firstLine = text] = text.split('\n');
  return firstLine;
}
