import type { ChildProcess } from 'node:child_process';
import { inspect } from 'node:util';
import { PATIENCE, within } from '../bounded.js';
import type { ActorContract, ActorEvent } from './contract.js';
import { EventLog, type LoggedEvent } from './event-log.js';
import { type FromActor, fromErrorRecord, isFromActor, type ToActor } from './protocol.js';

export interface WaitOptions {
  /** Milliseconds after which the wait fails. A bound, not an expectation. @default 20_000 */
  readonly timeout?: number;
}

type Methods<Contract> = Contract extends ActorContract<infer M, infer _> ? M : never;
type Events<Contract> = Contract extends ActorContract<infer _, infer E> ? E : never;
type MethodName<Contract> = keyof Methods<Contract> & string;
type EventName<Contract> = keyof Events<Contract> & string;
type Arguments<Method> = Method extends (...args: infer Args) => unknown ? Args : never;
type Result<Method> = Method extends (...args: never[]) => infer Value ? Awaited<Value> : never;

/**
 * A module that runs in a child process inside a host, as the test sees it. What it may be asked and what it tells is typed by the contract
 * that the module exports.
 */
export class Actor<Contract> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #title: string;
  readonly #log = new EventLog();
  readonly #calls = new Map<number, (outcome: Outcome) => void>();
  #lastCall = 0;
  #stderr = '';
  #stdout = '';
  #ready = () => {};
  #failed: Error | undefined;
  /** Resolves when its process has ended, in whatever way. */
  readonly exited: Promise<void>;

  /** Resolves when the module is loaded and takes calls. */
  static async start<Contract>(child: ChildProcess, title: string, timeout: number): Promise<Actor<Contract>> {
    const actor = new Actor<Contract>(child, title);
    const loaded = new Promise<void>((resolve, reject) => {
      actor.#ready = resolve;
      void actor.exited.then(() => reject(actor.#failed));
    });
    try {
      await within(timeout, () => actor.#describe('is not loaded'), loaded);
      return actor;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  private constructor(child: ChildProcess, title: string) {
    this.#child = child;
    this.#title = title;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout = tail(this.#stdout + chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = tail(this.#stderr + chunk);
    });
    child.on('message', (message: unknown) => {
      if (isFromActor(message)) this.#receive(message);
    });
    this.exited = new Promise((resolve) => {
      const end = (how: string) => {
        this.#fail(how);
        resolve();
      };
      child.on('error', (error) => end(`failed: ${error.message}`));
      // Not at once on 'exit': its last words may still be in the pipes. Not only on 'close': something that it started may hold them open.
      child.once('exit', (code, signal) => {
        const how = code === null ? `was ended by ${signal}` : `exited with code ${code}`;
        const timer = setTimeout(() => end(how), LAST_WORDS_WITHIN);
        child.once('close', () => {
          clearTimeout(timer);
          end(how);
        });
      });
    });
  }

  /** The process id in which the module runs. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(this.#describe('could not be started'));
    return this.#child.pid;
  }

  /** The last of what it wrote to its standard output. */
  get stdout(): string {
    return this.#stdout;
  }

  /** The last of what it wrote to its standard error. */
  get stderr(): string {
    return this.#stderr;
  }

  /**
   * Calls a method of the module.
   *
   * @throws {Error} the error that the method threw, with its name, fields and causes; or one that says how the child ended.
   */
  call<Name extends MethodName<Contract>>(
    method: Name,
    ...args: Arguments<Methods<Contract>[Name]>
  ): Promise<Result<Methods<Contract>[Name]>> {
    return quietly(this.#call<Methods<Contract>[Name]>(method, args));
  }

  /**
   * The next event of a name, which has come already or is waited for. The next wait for this name looks behind it.
   *
   * @throws {Error} when none comes in time, or the child ends, with the events seen and the child's standard error.
   */
  event<Name extends EventName<Contract>>(
    name: Name,
    accepts: (detail: Events<Contract>[Name]) => boolean = () => true,
    { timeout = PATIENCE }: WaitOptions = {},
  ): Promise<ActorEvent<Events<Contract>[Name]>> {
    const wanted = (event: LoggedEvent): event is LoggedEvent & ActorEvent<Events<Contract>[Name]> =>
      isEvent<Events<Contract>, Name>(event, name) && accepts(event.detail);
    return quietly(this.#log.next(name, wanted, timeout, () => this.#describe(`has told no such ${name}`)));
  }

  /** All events of a name so far. */
  events<Name extends EventName<Contract>>(name: Name): readonly ActorEvent<Events<Contract>[Name]>[] {
    return this.#log.all().filter((event) => isEvent<Events<Contract>, Name>(event, name));
  }

  /** Ends the child and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send({ type: 'stop' } satisfies ToActor);
    try {
      await within(STOP_WITHIN, () => this.#describe('does not stop'), this.exited);
    } finally {
      this.#child.kill('SIGKILL');
    }
  }

  /** `stop`, at the end of the block of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #call<Method>(method: string, args: readonly unknown[]): Promise<Result<Method>> {
    const id = ++this.#lastCall;
    try {
      const answer = this.#request(id, method, args);
      const outcome = await within(PATIENCE, () => this.#describe(`has not answered ${method}()`), answer);
      assertResultOf<Method>(outcome);
      return outcome.value;
    } finally {
      this.#calls.delete(id);
    }
  }

  #request(id: number, method: string, args: readonly unknown[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#failed !== undefined) return reject(this.#failed);
      this.#calls.set(id, resolve);
      this.#child.send({ type: 'call', id, method, args } satisfies ToActor, (error) => {
        // A child that has just ended says so itself, with more to tell.
        if (error !== null && this.#child.connected) reject(error);
      });
    });
  }

  #receive(message: FromActor): void {
    switch (message.type) {
      case 'ready':
        this.#ready();
        break;
      case 'event':
        this.#log.add(message);
        break;
      case 'result':
        this.#calls.get(message.id)?.({ type: 'value', value: message.value });
        break;
      case 'failure':
        this.#calls.get(message.id)?.({ type: 'failure', error: fromErrorRecord(message.error) });
        break;
    }
  }

  #fail(how: string): void {
    if (this.#failed !== undefined) return;
    const error = new Error(this.#describe(how));
    this.#failed = error;
    this.#log.close(error);
    for (const settle of this.#calls.values()) settle({ type: 'failure', error });
  }

  #describe(what: string): string {
    const events = this.#log.all().map(({ name, detail }) => `\n  ${name} ${inspect(detail, { breakLength: 120 })}`);
    const seen = events.length === 0 ? ' none' : events.join('');
    return `${this.#title} ${what}\nevents so far:${seen}\nstandard error: ${this.#stderr.trim() || 'nothing'}`;
  }
}

type Outcome =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'failure'; readonly error: Error };

/** How long after its exit a child's pipes may still bring something, in milliseconds. They are local: it is there already. */
const LAST_WORDS_WITHIN = 500;
const STOP_WITHIN = 5_000;

/** How much of a child's output is kept, in characters: more than a stack trace, less than a flood. */
const MOST_OUTPUT = 64 * 1024;

function tail(text: string): string {
  return text.slice(-MOST_OUTPUT);
}

/**
 * What comes out of the other process is of the type that the contract says: the contract is the module's own type.
 *
 * @throws {Error} what the method has thrown.
 */
function assertResultOf<Method>(
  outcome: Outcome,
): asserts outcome is { readonly type: 'value'; readonly value: Result<Method> } {
  if (outcome.type === 'failure') throw outcome.error;
}

function isEvent<All, Name extends keyof All & string>(
  event: LoggedEvent,
  name: Name,
): event is LoggedEvent & ActorEvent<All[Name]> {
  return event.name === name;
}

/** A test may fail before it awaits what it has asked for; that must not hide its failure behind an unhandled rejection. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
