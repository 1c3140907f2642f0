import type { ProbeResult, ScheduledResult } from '../../probes/index.js';
import { outputAppearance, print } from '../output.js';
import { FullScreen } from '../screen/full-screen.js';
import { isoTime } from '../text/iso-time.js';
import { describeResult } from './describe-result.js';
import { printRecord, type RecordFormat } from './record-writer.js';
import { renderDetails } from './render-details.js';
import { type ProbesView, renderProbes, renderSummary } from './render-probes.js';
import { isHost } from './result-kinds.js';

/** A way to show what probes find. */
export interface ProbePresenter {
  /** A result has come, or the network has changed. */
  show(view: ProbesView, event?: ScheduledResult): void;
  /** Nothing is shown any more, and the terminal is as it was. */
  close(): void;
  /** The last word, after all is closed. */
  summarize(view: ProbesView): void;
}

/** What a presenter may ask for, on behalf of the user. */
export interface ProbeControls {
  /** To end. */
  quit(): void;
  /** To probe nothing for a while, or to go on. */
  togglePause(): void;
}

/** One row for each target on a terminal. */
export class ProbeScreen implements ProbePresenter {
  readonly #appearance = outputAppearance();
  readonly #screen: FullScreen;
  #view: ProbesView | undefined;

  constructor({ quit }: Pick<ProbeControls, 'quit'>) {
    this.#screen = new FullScreen(quit, (size) =>
      this.#view === undefined ? undefined : renderProbes(this.#view, { ...size, appearance: this.#appearance }),
    );
  }

  show(view: ProbesView): void {
    this.#view = view;
    this.#screen.refresh();
  }

  close(): void {
    this.#screen.close();
  }

  summarize(view: ProbesView): void {
    for (const line of renderSummary(view, this.#appearance)) print(line);
  }
}

/** A line for each result, and where there are several of a target a summary. */
export class ProbeLines implements ProbePresenter {
  readonly #appearance = outputAppearance();
  readonly #repeats: boolean;

  constructor(repeats: boolean) {
    this.#repeats = repeats;
  }

  show(_view: ProbesView, event?: ScheduledResult): void {
    if (event === undefined) return;
    const { result } = event;
    if (this.#repeats) print(`${isoTime(result.startedAt)} ${describeResult(result, this.#appearance)}`);
    else this.#printWhole(result);
  }

  #printWhole(result: ProbeResult): void {
    // A report of this host says whose it is, and that it is one.
    const isReport = isHost(result) && result.status === 'ok';
    if (!isReport) print(describeResult(result, this.#appearance, 'long'));
    for (const line of renderDetails(result, this.#appearance)) print(line);
  }

  close(): void {}

  summarize(view: ProbesView): void {
    if (this.#repeats) for (const line of renderSummary(view, this.#appearance)) print(line);
  }
}

/** A line for each result in a format for programs, and nothing else. */
export class ProbeRecords implements ProbePresenter {
  readonly #format: RecordFormat;

  constructor(format: RecordFormat) {
    this.#format = format;
  }

  show(_view: ProbesView, event?: ScheduledResult): void {
    if (event !== undefined) printRecord(this.#format, event);
  }

  close(): void {}

  summarize(): void {}
}
