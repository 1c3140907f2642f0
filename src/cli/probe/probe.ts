import { NetworkMonitor } from '../../monitor/index.js';
import { checkOptions, milliseconds, wholeNumberFrom } from '../../options/index.js';
import { type EngineName, ProbeSchedule, type ScheduledResult } from '../../probes/index.js';
import { CliError, StoppedBySignalError } from '../cli-error.js';
import { EXIT, EXIT_BY_STATUS } from '../exit-codes.js';
import { type MonitorFlags, monitorOptionsOf } from '../options/monitor-flags.js';
import { untilStopped } from '../signals.js';
import { explain } from '../text/words.js';
import { type EngineFlags, engineOptionsOf, taskFor } from './engine-options.js';
import { ProbeLines, type ProbePresenter, ProbeRecords, ProbeScreen } from './probe-presenter.js';
import type { ProbesView } from './render-probes.js';
import { add, emptyTally, runsOf, type Tally, worstOf } from './tally.js';

/** The flags of `netpause probe`. */
export interface ProbeFlags extends MonitorFlags, EngineFlags {
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
  const { count, interval, timeout } = flags;
  checkOptions('probe', { count, interval }, RULES);
  const monitor = new NetworkMonitor(monitorOptionsOf(flags));
  const schedule = new ProbeSchedule({ monitor, interval, timeout, firstRun: 'at-once', drainTimeout: 0 });
  const options = await engineOptionsOf(engine, withPackets(engine, flags));
  schedule.replace([...new Set(targets)].map((target) => taskFor(engine, target, options)));
  const run = new ProbeCommand(engine, schedule, monitor, count);
  const quit = new AbortController();
  const presenter = presenterFor(flags, () => quit.abort());
  try {
    await untilStopped((stopped) => run.show(presenter, AbortSignal.any([stopped, quit.signal])));
  } catch (error) {
    // Ctrl-C is how one says that one has seen enough; whatever else ends us is no answer.
    const isEnough = quit.signal.aborted || (error instanceof StoppedBySignalError && error.signal === 'SIGINT');
    if (!isEnough) throw error;
  } finally {
    presenter.close();
    await schedule.stop();
    await monitor.stop();
  }
  presenter.summarize(run.view);
  return EXIT_BY_STATUS[worstOf(run.view.tallies)];
}

const RULES = { count: wholeNumberFrom(1, Number.POSITIVE_INFINITY), interval: milliseconds(10) };

/** One packet each time where it is repeated, as ping(8) does; where it is not, as many as say something. */
function withPackets(engine: EngineName, flags: ProbeFlags): EngineFlags {
  return engine === 'ping' && flags.count > 1 ? { packets: 1, ...flags } : flags;
}

function presenterFor(flags: ProbeFlags, quit: () => void): ProbePresenter {
  if (flags.influx === true) return new ProbeRecords('influx');
  if (flags.json === true) return new ProbeRecords('json');
  const repeats = flags.count > 1;
  return repeats && process.stdout.isTTY ? new ProbeScreen(quit) : new ProbeLines(repeats);
}

/** The probing itself, and what has come of it so far. */
class ProbeCommand {
  readonly #engine: EngineName;
  readonly #schedule: ProbeSchedule;
  readonly #monitor: NetworkMonitor;
  readonly #count: number;
  /** By the names of tasks. */
  readonly #tallies: Map<string, Tally>;

  constructor(engine: EngineName, schedule: ProbeSchedule, monitor: NetworkMonitor, count: number) {
    this.#engine = engine;
    this.#schedule = schedule;
    this.#monitor = monitor;
    this.#count = count;
    this.#tallies = new Map(schedule.tasks.map(({ name, target }) => [name, emptyTally(target)]));
  }

  get view(): ProbesView {
    const { state, reason } = this.#monitor;
    return { probe: this.#engine, tallies: [...this.#tallies.values()], network: { state, reason } };
  }

  /**
   * Resolves when every target has been probed as often as it should.
   *
   * @throws the signal's reason; {@link CliError} where a probe is broken.
   */
  async show(presenter: ProbePresenter, signal: AbortSignal): Promise<void> {
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
