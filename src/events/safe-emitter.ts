import { inspect } from 'node:util';
import { EventEmitter } from 'eventemitter3';
import { type EventChannels, publish } from './channels.js';

type Listeners<Events> = { [Name in keyof Events]: (...values: never[]) => void };

/**
 * An eventemitter3 on which one listener's throw harms nobody else: the other listeners are still called, the emitter goes on, and what was
 * thrown comes out as a process warning, where it can be seen but ends nothing. What it emits goes to the channels of `diagnostics_channel`
 * too that it is given.
 */
export class SafeEmitter<Events extends Listeners<Events>> {
  readonly #emitter = new EventEmitter();
  readonly #guarded = new WeakMap<object, (...values: unknown[]) => void>();
  readonly #channels: EventChannels<keyof Events & string> | undefined;
  /** Most emitters never have a listener; then there are none to count. */
  #hadListeners = false;

  /** @internal */
  constructor(channels?: EventChannels<keyof Events & string>) {
    this.#channels = channels;
  }

  /** Calls the listener on every event of this name. */
  on<Name extends keyof Events & string>(event: Name, listener: Events[Name]): this {
    this.#hadListeners = true;
    this.#emitter.on(event, this.#guard(listener));
    return this;
  }

  /** Calls the listener on the next event of this name only. */
  once<Name extends keyof Events & string>(event: Name, listener: Events[Name]): this {
    this.#hadListeners = true;
    this.#emitter.once(event, this.#guard(listener));
    return this;
  }

  /** Removes a listener that `on` or `once` added; one that is not there is ignored. */
  off<Name extends keyof Events & string>(event: Name, listener: Events[Name]): this {
    const guarded = this.#guarded.get(listener);
    if (guarded !== undefined) this.#emitter.off(event, guarded);
    return this;
  }

  /** How many listeners an event has. */
  listenerCount(event: keyof Events & string): number {
    return this.#emitter.listenerCount(event);
  }

  /** @internal Whether anybody hears this event: a listener, or a subscriber of its channel. */
  protected isHeard(event: keyof Events & string): boolean {
    if (this.#hadListeners && this.#emitter.listenerCount(event) > 0) return true;
    return this.#channels?.[event].hasSubscribers === true;
  }

  /** @internal */
  protected emit<Name extends keyof Events & string>(event: Name, ...values: Parameters<Events[Name]>): void {
    this.#emitter.emit(event, ...values);
    if (this.#channels !== undefined) publish(this.#channels[event], this, values[0]);
  }

  #guard(listener: (...values: never[]) => void): (...values: unknown[]) => void {
    const known = this.#guarded.get(listener);
    if (known !== undefined) return known;
    const guarded = (...values: unknown[]): void => callSafely(() => Reflect.apply(listener, this, values));
    this.#guarded.set(listener, guarded);
    return guarded;
  }
}

/**
 * Calls somebody else's function so that its throw, or the rejection of the promise that it returns, cannot end our own work or the process;
 * either becomes a process warning.
 */
export function callSafely(listener: () => unknown): void {
  try {
    const result = listener();
    if (isThenable(result)) result.then(undefined, warn);
  } catch (error) {
    warn(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function warn(thrown: unknown): void {
  // inspect() copes with whatever can be thrown, an object without a prototype included.
  process.emitWarning(`a listener threw: ${inspect(thrown)}`, 'NetpauseWarning');
}
