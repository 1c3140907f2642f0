import type { AxiosRequestConfig } from 'axios';

/** Follows the two ways in which axios lets a request be cancelled. @returns ends it. */
export function followCancellation({ signal, cancelToken }: AxiosRequestConfig, ended: AbortController): () => void {
  const end = (reason?: unknown): void => ended.abort(reason);
  const endBySignal = (): void => end(signal !== undefined && 'reason' in signal ? signal.reason : undefined);
  if (signal?.aborted) endBySignal();
  signal?.addEventListener?.('abort', endBySignal);
  cancelToken?.subscribe(end);
  return () => {
    signal?.removeEventListener?.('abort', endBySignal);
    cancelToken?.unsubscribe(end);
  };
}
