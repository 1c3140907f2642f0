import { NetworkMonitor } from '../../monitor/index.js';
import { checkOptions, milliseconds, wholeNumberFrom } from '../../options/index.js';
import { type EngineName, ProbeSchedule, type ScheduledResult } from '../../probes/index.js';
import { CliError, StoppedBySignalError } from '../cli-error.js';
import { EXIT, EXIT_BY_STATUS } from '../exit-codes.js';
import { type MonitorFlags, monitorOptionsOf } from '../options/monitor-flags.js';
import { untilStopped } from '../signals.js';
import { explain } from '../text/words.js';
import { type AnnotationFlags, annotationsFor } from './annotations.js';
import { type EngineFlags, engineOptionsOf, taskFor } from './engine-options.js';
import { presenterFor, wantsRecords } from './presenters.js';
import type { ProbePresenter } from './probe-presenter.js';
import type { ProbesView } from './render-probes.js';
import { add, emptyTally, runsOf, type Tally, worstOf } from './tally.js';

/** The flags of `netpause probe`. */
export interface ProbeFlags extends MonitorFlags, EngineFlags, AnnotationFlags {
  readonly count: number;
  /** Milliseconds. */
  readonly interval: number;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly json?: boolean;
  readonly influx?: boolean;
}

/** Probes targets, shows what comes of it, and resolves with the exit code for that. */
export async function probe(engine: EngineName, targets: readonly string[], flags: ProbeFlags): Promise<number> {
  const { count, interval } = flags;
  checkOptions('probe', { count, interval }, RULES);
  const monitor = new NetworkMonitor(engine === 'host' ? { checkHosts: [] } : monitorOptionsOf(flags));
  const options = await engineOptionsOf(engine, suitedTo(engine, flags));
  const annotations = await annotationsFor(flags);
  try {
    const { annotate } = annotations;
    const schedule = new ProbeSchedule({ monitor, interval, annotate, firstRun: 'at-once', drainTimeout: 0 });
    const tasks = [...new Set(targets)].map((target) => taskFor(engine, target, options, flags.timeout));
    schedule.replace(tasks);
    return await runUntilEnough(new ProbeCommand(engine, schedule, monitor, count), flags);
  } finally {
    annotations.close();
  }
}

const RULES = { count: wholeNumberFrom(1, Number.POSITIVE_INFINITY), interval: milliseconds(10) };

/** The flags with what an engine does where nothing is said, once or again and again. */
function suitedTo(engine: EngineName, flags: ProbeFlags): EngineFlags {
  const { count, interval, codec } = flags;
  const repeats = count > 1;
  // As a call sends them, and few enough for the default interval.
  if (engine === 'ping' && codec !== undefined) return { packets: 40, packetInterval: 20, ...flags };
  // As ping(8) and mtr(8) do. Once, as many as say something.
  if (engine === 'ping' && repeats) return { packets: 1, ...flags };
  // Names are looked up by the screen, each of them once.
  if (engine === 'trace' && repeats) return { rounds: 1, ...flags, names: wantsRecords(flags) && flags.names === true };
  // A reading that took the whole interval would miss every other turn.
  if (engine === 'host' && repeats) return { sample: Math.max(10, Math.min(1_000, interval * 0.8)), ...flags };
  return flags;
}

/** Shows the probing until it is over or the user has seen enough, and resolves with the exit code. */
async function runUntilEnough(run: ProbeCommand, flags: ProbeFlags): Promise<number> {
  const quit = new AbortController();
  const controls = { quit: () => quit.abort(), togglePause: () => run.togglePause() };
  const presenter = presenterFor(run.engine, flags, controls);
  try {
    await untilStopped((stopped) => run.show(presenter, AbortSignal.any([stopped, quit.signal])));
  } catch (error) {
    // Ctrl-C is how one says that one has seen enough; whatever else ends us is no answer.
    const isEnough = quit.signal.aborted || (error instanceof StoppedBySignalError && error.signal === 'SIGINT');
    if (!isEnough) throw error;
  } finally {
    presenter.close();
    await run.stop();
  }
  presenter.summarize(run.view);
  return EXIT_BY_STATUS[worstOf(run.view.tallies)];
}

/** The probing itself, and what has come of it so far. */
class ProbeCommand {
  readonly engine: EngineName;
  readonly #schedule: ProbeSchedule;
  readonly #monitor: NetworkMonitor;
  readonly #count: number;
  /** By the names of tasks. */
  readonly #tallies: Map<string, Tally>;
  #presenter: ProbePresenter | undefined;
  #isPaused = false;

  constructor(engine: EngineName, schedule: ProbeSchedule, monitor: NetworkMonitor, count: number) {
    this.engine = engine;
    this.#schedule = schedule;
    this.#monitor = monitor;
    this.#count = count;
    this.#tallies = new Map(schedule.tasks.map(({ name, target }) => [name, emptyTally(target)]));
  }

  get view(): ProbesView {
    const { state, reason } = this.#monitor;
    return {
      probe: this.engine,
      tallies: [...this.#tallies.values()],
      network: { state, reason },
      isPaused: this.#isPaused,
    };
  }

  async stop(): Promise<void> {
    await this.#schedule.stop();
    await this.#monitor.stop();
  }

  /** Probes nothing for a while, or goes on. */
  togglePause(): void {
    this.#isPaused = !this.#isPaused;
    void (this.#isPaused ? this.#schedule.stop() : this.#schedule.start());
    this.#presenter?.show(this.view);
  }

  /**
   * Resolves when every target has been probed as often as it should.
   *
   * @throws the signal's reason; {@link CliError} where a probe is broken.
   */
  async show(presenter: ProbePresenter, signal: AbortSignal): Promise<void> {
    this.#presenter = presenter;
    const unsubscribe = this.#monitor.onChange(() => presenter.show(this.view));
    presenter.show(this.view);
    try {
      await this.#monitor.start();
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        this.#schedule.on('crash', ({ error }) => reject(new CliError(explain(error), EXIT.failed, { cause: error })));
        this.#schedule.on('result', (event) => {
          this.#take(event);
          presenter.show(this.view, event);
          if (this.#schedule.tasks.length === 0) resolve();
        });
        void this.#schedule.start();
      });
    } finally {
      unsubscribe();
    }
  }

  #take({ task, result }: ScheduledResult): void {
    const tally = add(this.#tallies.get(task.name) ?? emptyTally(task.target), result);
    this.#tallies.set(task.name, tally);
    if (runsOf(tally) >= this.#count) this.#schedule.remove(task.name);
  }
}
