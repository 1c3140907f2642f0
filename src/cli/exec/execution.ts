import { AttemptTimeoutError, NetworkDownError, OutageTimeoutError } from '../../errors/index.js';
import { AbortError, createRetryer, type NetworkSource, type Retryer, type RetryOptions } from '../../retry/index.js';
import { gaveUp, StoppedBySignalError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { formatDuration } from '../text/duration.js';
import { CommandFailedError } from './command-failed-error.js';
import { type Disposition, describeEnding, disposeOf, type Ending, exitCodeOf } from './disposition.js';
import type { CommandRun } from './run-command.js';

export interface ExecutionOptions {
  readonly network: NetworkSource;
  readonly retry: Omit<RetryOptions, 'network' | 'signal' | 'abandon' | 'onFailedAttempt'>;
  /** How long the command may take to end after SIGTERM, before SIGKILL follows. Milliseconds. */
  readonly killAfter: number;
  /** Exit codes by which the command gives an answer, whatever the network did meanwhile. */
  readonly finalCodes: ReadonlySet<number>;
}

/** What an execution touches. */
export interface ExecutionEdges {
  /** Starts the command. */
  start(): CommandRun;
  /** Says something to the user. */
  say(line: string): void;
}

/** A command that is run until it succeeds, or until its failure counts and no retry is left. */
export class Execution {
  readonly #options: ExecutionOptions;
  readonly #edges: ExecutionEdges;
  readonly #retryer: Retryer;
  /** Aborts when we are told to end while no command runs that could be told. */
  readonly #idleStop = new AbortController();
  #run: CommandRun | undefined;
  #isToEnd = false;
  #waits = false;

  /** @throws {InvalidOptionError} where an option of the Retryer has a wrong type or range. */
  constructor(options: ExecutionOptions, edges: ExecutionEdges) {
    this.#options = options;
    this.#edges = edges;
    this.#retryer = createRetryer({
      ...options.retry,
      network: options.network,
      // An attempt that is aborted is over when nothing of the command runs any more, so that two never overlap.
      abandon: false,
      onFailedAttempt: ({ error, retriesLeft }) => this.#sayFailure(error, retriesLeft),
    });
    this.#narrate();
  }

  /**
   * Runs the command to its end, and resolves with the exit code that is to be ours.
   *
   * @throws {CliError} when a limit is reached, {@link StoppedBySignalError} when we are told to end during a wait.
   */
  async run(): Promise<number> {
    try {
      await this.#retryer.run((_attempt, { signal }) => this.#attempt(signal), { signal: this.#idleStop.signal });
      return EXIT.ok;
    } catch (error) {
      return this.#conclude(error);
    }
  }

  /** We are told to end. A command that runs is told so too, and how it takes that is its own affair; but it is not run again. */
  stop(signal: NodeJS.Signals, heardBy: 'us' | 'both'): void {
    this.#isToEnd = true;
    if (this.#run === undefined) this.#idleStop.abort(new StoppedBySignalError(signal));
    else if (heardBy === 'us') this.#run.signal(signal);
  }

  /** A signal is handed on to the command, if one runs. */
  pass(signal: NodeJS.Signals): void {
    this.#run?.signal(signal);
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const run = this.#edges.start();
    this.#run = run;
    const interrupt = (): void => {
      if (signal.reason instanceof NetworkDownError) {
        this.#edges.say(`the network is gone (${signal.reason.reason}): ending the command, to run it again`);
      }
      run.end(this.#options.killAfter);
    };
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      const ending = await run.ended;
      const endedEarlyBy = this.#isToEnd ? 'user' : signal.aborted ? 'us' : 'nobody';
      const disposition = disposeOf(ending, { endedEarlyBy, finalCodes: this.#options.finalCodes });
      if (disposition !== 'done') throw errorFor(disposition, ending, signal.reason);
    } finally {
      signal.removeEventListener('abort', interrupt);
      this.#run = undefined;
    }
  }

  #conclude(error: unknown): number {
    if (error instanceof CommandFailedError) {
      if (this.#waits) this.#edges.say(NOT_BACK);
      if (error.ending.kind === 'not-started') this.#edges.say(describeEnding(error.ending));
      return exitCodeOf(error.ending);
    }
    if (error instanceof OutageTimeoutError) throw gaveUp(NOT_BACK);
    if (error instanceof NetworkDownError) throw gaveUp('the network was lost under one run after another: gave up');
    if (error instanceof AttemptTimeoutError) {
      throw gaveUp(`the command did not end within ${formatDuration(error.timeout)}: gave up`);
    }
    throw error;
  }

  #narrate(): void {
    const { say } = this.#edges;
    const { network } = this.#options;
    this.#retryer.on('pause', ({ reason = 'no reason known' }) => {
      this.#waits = network.state === 'down';
      if (this.#waits) say(`the network is down (${reason}): waiting for it`);
      else say(`the network was down meanwhile (${reason}): running the command again`);
    });
    this.#retryer.on('resume', ({ duration }) => {
      if (this.#waits) say(`going on after ${formatDuration(duration)}`);
      this.#waits = false;
    });
    this.#retryer.on('attempt', ({ isTrial }) => {
      if (isTrial) say('running the command all the same: the network may only seem to be down');
    });
  }

  #sayFailure(error: Error, retriesLeft: number): void {
    if (retriesLeft <= 0) return;
    const what = error instanceof CommandFailedError ? describeEnding(error.ending) : error.message;
    this.#edges.say(`the command failed (${what}), retries left: ${retriesLeft}`);
  }
}

const NOT_BACK = 'the network did not come back in time: gave up';

/** Puts into the Retryer's terms what is to be made of a failed run. */
function errorFor(disposition: Exclude<Disposition, 'done'>, ending: Ending, abortReason: unknown): Error {
  switch (disposition) {
    case 'final':
      return new AbortError(new CommandFailedError(ending, 'ERR_COMMAND_FAILED'));
    case 'failed':
      return new CommandFailedError(ending, 'ERR_COMMAND_FAILED');
    case 'perhaps-network':
      return new CommandFailedError(ending, 'ERR_NETWORK');
    case 'interrupted':
      return new CommandFailedError(ending, 'ERR_NETWORK', { cause: abortReason });
  }
}
