import { linkSignals } from '../../../events/index.js';
import { StoppedBySignalError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { outputAppearance, print } from '../../output.js';
import { untilStopped } from '../../signals.js';
import { type DemoFlags, type DemoSettings, settingsOf } from './demo-settings.js';
import { openLoopbackStage } from './loopback-stage.js';
import { NamespacesUnavailableError, openNamespaceStage } from './namespace-stage.js';
import { openPage, type Page } from './page.js';
import { pause } from './pause.js';
import { RegistryWatch } from './registry-watch.js';
import type { Stage, StageOptions } from './stage.js';
import { Story } from './story.js';
import { Teller } from './teller.js';

/** Shows a ring at work until the user has seen enough, and resolves with the exit code. */
export async function ringDemo(flags: DemoFlags): Promise<number> {
  const settings = settingsOf(flags);
  const show = new Show(settings);
  try {
    await untilStopped((signal) => show.run(flags.loopback === true, signal), {
      after: settings.duration,
      reason: () => new EnoughError(),
    });
  } catch (error) {
    // Ctrl-C is how one says that one has seen enough.
    const isEnough =
      error instanceof EnoughError || (error instanceof StoppedBySignalError && error.signal === 'SIGINT');
    if (!isEnough) throw error;
  }
  return show.isAsExpected ? EXIT.ok : EXIT.down;
}

/** The time is over for which the demo was to last. */
class EnoughError extends Error {}

/** A stage, and the story that is played on it. */
class Show {
  readonly #settings: DemoSettings;
  #story: Story | undefined;

  constructor(settings: DemoSettings) {
    this.#settings = settings;
  }

  get isAsExpected(): boolean {
    return this.#story?.isAsExpected ?? true;
  }

  /** @throws {CliError} where a process of the demo ends by itself; the signal's reason. */
  async run(wantsLoopback: boolean, stopped: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const { signal, release } = linkSignals(stopped, ending.signal);
    try {
      const onLost = (error: Error): void => ending.abort(error);
      const { stage, whyLoopback } = await openStage(this.#settings, wantsLoopback, { onLost, signal });
      try {
        await this.#play(stage, whyLoopback, ending, signal);
      } finally {
        await stage.close();
      }
    } finally {
      release();
    }
  }

  async #play(
    stage: Stage,
    whyLoopback: string | undefined,
    ending: AbortController,
    signal: AbortSignal,
  ): Promise<void> {
    const watch = new RegistryWatch(stage.url);
    const { colours } = outputAppearance();
    const teller = new Teller(stage, this.#settings, { colours, write: print, now: Date.now });
    const story = new Story(this.#settings, { stage, watch, teller, now: Date.now, pause });
    this.#story = story;
    try {
      watch.run(signal).catch((error: unknown) => ending.abort(error));
      teller.introduce(whyLoopback);
      await story.run(signal);
    } finally {
      // The looks end with us.
      ending.abort();
    }
  }
}

interface OpenedStage {
  readonly stage: Stage;
  /** Why it is on loopback; undefined where it is not. */
  readonly whyLoopback: string | undefined;
}

/** @throws {CliError} where the port of the page is taken; the signal's reason. */
async function openStage(settings: DemoSettings, wantsLoopback: boolean, options: StageOptions): Promise<OpenedStage> {
  const page = await openPage(settings.port);
  try {
    if (wantsLoopback) return await onLoopback(settings, page, options, 'as --loopback asks for');
    return { stage: await openNamespaceStage(settings, page, options), whyLoopback: undefined };
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
  options: StageOptions,
  whyLoopback: string,
): Promise<OpenedStage> {
  return { stage: await openLoopbackStage(settings, page, options), whyLoopback };
}
