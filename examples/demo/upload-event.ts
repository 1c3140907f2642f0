import type { NetworkReason, NetworkState } from '../../src/index.js';

/** What an upload tells of itself while it runs; `at` is {@link monotonicMs}. */
export type UploadEvent =
  /** A call to S3 begins, for the first time or again. */
  | { readonly type: 'attempt'; readonly at: number; readonly call: string }
  /** A failed attempt was counted against the budget. */
  | { readonly type: 'spent'; readonly at: number; readonly call: string; readonly error: string }
  | { readonly type: 'paused'; readonly at: number; readonly call: string }
  | { readonly type: 'stored'; readonly at: number; readonly bytes: number }
  | { readonly type: 'network'; readonly at: number; readonly to: NetworkState; readonly reason: NetworkReason };

export type OnUploadEvent = (event: UploadEvent) => void;

/** How an upload ended. */
export type UploadResult =
  | { readonly completed: true; readonly at: number; readonly sha256: string }
  | { readonly completed: false; readonly at: number; readonly error: string };

/** Where to, and under which name. */
export interface UploadTarget {
  readonly endpoint: string;
  readonly key: string;
}
