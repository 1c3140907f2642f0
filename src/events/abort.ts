/**
 * Calls back once when the signal aborts, until the returned function is called. The signal must not be aborted yet.
 *
 * All callbacks of one signal share one listener: Node warns of a leak from the eleventh listener on, and a service that cancels all of its
 * work by one signal has thousands of calls waiting on it.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const listener = listeners.get(signal) ?? new SharedListener(signal);
  listener.add(callback);
  return () => listener.delete(callback);
}

/** The promise's outcome, or a rejection with the signal's reason if that comes first. A late rejection is not reported as unhandled. */
export function orAborted<Value>(promise: PromiseLike<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return Promise.resolve(promise);
  return new Promise((resolve, reject) => {
    const release = signal.aborted ? () => {} : onAbort(signal, () => reject(signal.reason));
    if (signal.aborted) reject(signal.reason);
    promise.then(
      (value) => {
        release();
        resolve(value);
      },
      (error) => {
        release();
        reject(error);
      },
    );
  });
}

/** `AbortSignal.throwIfAborted` for signals of polyfills that have none. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}

const listeners = new WeakMap<AbortSignal, SharedListener>();

class SharedListener {
  readonly #callbacks = new Set<() => void>();

  constructor(private readonly signal: AbortSignal) {
    listeners.set(signal, this);
  }

  add(callback: () => void): void {
    if (this.#callbacks.size === 0) this.signal.addEventListener('abort', this);
    this.#callbacks.add(callback);
  }

  delete(callback: () => void): void {
    if (this.#callbacks.delete(callback) && this.#callbacks.size === 0) this.#forget();
  }

  /** The EventListener interface. */
  handleEvent(): void {
    this.#forget();
    const callbacks = [...this.#callbacks];
    this.#callbacks.clear();
    for (const callback of callbacks) callback();
  }

  #forget(): void {
    this.signal.removeEventListener('abort', this);
  }
}
