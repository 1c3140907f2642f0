import { linkSignals } from '../../../events/index.js';
import { StoppedBySignalError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { outputAppearance, print } from '../../output.js';
import { untilStopped } from '../../signals.js';
import { type DemoFlags, type DemoSettings, settingsOf } from './demo-settings.js';
import { openLoopbackTestbed } from './loopback-testbed.js';
import { NamespacesUnavailableError, openNamespaceTestbed } from './namespace-testbed.js';
import { openPage, type Page } from './page.js';
import { pause } from './pause.js';
import { RegistryWatch } from './registry-watch.js';
import { Reporter } from './reporter.js';
import { Scenario } from './scenario.js';
import type { Testbed, TestbedOptions } from './testbed.js';

/** Shows a ring at work until the user has seen enough, and resolves with the exit code. */
export async function ringDemo(flags: DemoFlags): Promise<number> {
  const settings = settingsOf(flags);
  const demo = new DemoRun(settings);
  try {
    await untilStopped((signal) => demo.run(flags.loopback === true, signal), {
      after: settings.duration,
      reason: () => new EnoughError(),
    });
  } catch (error) {
    // Ctrl-C is how one says that one has seen enough.
    const isEnough =
      error instanceof EnoughError || (error instanceof StoppedBySignalError && error.signal === 'SIGINT');
    if (!isEnough) throw error;
  }
  demo.sayEnd();
  return demo.isAsExpected ? EXIT.ok : EXIT.down;
}

/** The time is over for which the demo was to last. */
class EnoughError extends Error {}

/** A testbed, and the scenario that is played on it. */
class DemoRun {
  readonly #settings: DemoSettings;
  #reporter: Reporter | undefined;
  #scenario: Scenario | undefined;

  constructor(settings: DemoSettings) {
    this.#settings = settings;
  }

  get isAsExpected(): boolean {
    return this.#scenario?.outcome.isAsExpected ?? true;
  }

  /** Says what has come of it, when all is taken down. */
  sayEnd(): void {
    if (this.#scenario !== undefined) this.#reporter?.ended(this.#scenario.outcome);
  }

  /** @throws {CliError} where a process of the demo ends by itself; the signal's reason. */
  async run(wantsLoopback: boolean, stopped: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const { signal, release } = linkSignals(stopped, ending.signal);
    try {
      const onLost = (error: Error): void => ending.abort(error);
      const { testbed, whyLoopback } = await openTestbed(this.#settings, wantsLoopback, { onLost, signal });
      try {
        await this.#play(testbed, whyLoopback, ending, signal);
      } finally {
        await testbed.close();
      }
    } finally {
      release();
    }
  }

  async #play(
    testbed: Testbed,
    whyLoopback: string | undefined,
    ending: AbortController,
    signal: AbortSignal,
  ): Promise<void> {
    const watch = new RegistryWatch(testbed.url);
    const { colours } = outputAppearance();
    const reporter = new Reporter(testbed, this.#settings, { colours, write: print, now: Date.now });
    const scenario = new Scenario(this.#settings, { testbed, watch, reporter, now: Date.now, pause });
    this.#reporter = reporter;
    this.#scenario = scenario;
    try {
      watch.run(signal).catch((error: unknown) => ending.abort(error));
      reporter.introduce(whyLoopback);
      await scenario.run(signal);
    } finally {
      // The looks end with us.
      ending.abort();
    }
  }
}

interface OpenedTestbed {
  readonly testbed: Testbed;
  /** Why it is on loopback; undefined where it is not. */
  readonly whyLoopback: string | undefined;
}

/** @throws {CliError} where the port of the page is taken; the signal's reason. */
async function openTestbed(
  settings: DemoSettings,
  wantsLoopback: boolean,
  options: TestbedOptions,
): Promise<OpenedTestbed> {
  const page = await openPage(settings.port);
  try {
    if (wantsLoopback) return await onLoopback(settings, page, options, 'as --loopback asks for');
    return { testbed: await openNamespaceTestbed(settings, page, options), whyLoopback: undefined };
  } catch (error) {
    if (!(error instanceof NamespacesUnavailableError)) throw error;
    return await onLoopback(settings, page, options, `there can be none here (${error.message})`);
  } finally {
    await page.close();
  }
}

async function onLoopback(
  settings: DemoSettings,
  page: Page,
  options: TestbedOptions,
  whyLoopback: string,
): Promise<OpenedTestbed> {
  return { testbed: await openLoopbackTestbed(settings, page, options), whyLoopback };
}
