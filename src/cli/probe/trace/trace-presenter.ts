import type { ScheduledResult } from '../../../probes/index.js';
import { outputAppearance, print } from '../../output.js';
import { FullScreen } from '../../screen/full-screen.js';
import { isoTime } from '../../text/iso-time.js';
import { describeResult } from '../describe-result.js';
import type { ProbeControls, ProbePresenter } from '../probe-presenter.js';
import { type ProbesView, renderSummary } from '../render-probes.js';
import { describeChange } from './describe-change.js';
import { NameBook } from './name-book.js';
import { PathBook } from './path-book.js';
import type { PathDisplay } from './path-displays.js';
import { type PathsView, renderPaths, renderReport } from './render-paths.js';

/** How the screen begins. */
export interface TraceScreenOptions {
  readonly names: boolean;
  /** Whether there are places to show. */
  readonly hasPlaces: boolean;
}

/** The hops to each target on a terminal, live. */
export class TraceScreen implements ProbePresenter {
  readonly #appearance = outputAppearance();
  readonly #screen: FullScreen;
  readonly #controls: ProbeControls;
  readonly #book = new PathBook();
  readonly #names = new NameBook(() => this.#screen.refresh());
  readonly #displays: readonly PathDisplay[];
  #display = 0;
  #wantsNames: boolean;
  #view: ProbesView | undefined;

  constructor(controls: ProbeControls, { names, hasPlaces }: TraceScreenOptions) {
    this.#controls = controls;
    this.#wantsNames = names;
    this.#displays = hasPlaces ? ['times', 'history', 'places'] : ['times', 'history'];
    this.#screen = new FullScreen(
      () => controls.quit(),
      (size) => {
        const view = this.#pathsView();
        return view === undefined ? undefined : renderPaths(view, { ...size, appearance: this.#appearance });
      },
      (key) => this.#onKey(key),
    );
  }

  show(view: ProbesView, event?: ScheduledResult): void {
    this.#view = view;
    if (event !== undefined) this.#book.take(event);
    this.#screen.refresh();
  }

  close(): void {
    this.#screen.close();
    this.#names.close();
  }

  summarize(view: ProbesView): void {
    this.#view = view;
    const paths = this.#pathsView();
    if (paths !== undefined) for (const line of renderReport(paths, this.#appearance)) print(line);
  }

  #onKey(key: string): void {
    if (key === 'r') this.#book.reset();
    else if (key === 'p') this.#controls.togglePause();
    else if (key === 'n') this.#wantsNames = !this.#wantsNames;
    else if (key === 'd') this.#display = (this.#display + 1) % this.#displays.length;
    else return;
    this.#screen.refresh();
  }

  #pathsView(): PathsView | undefined {
    if (this.#view === undefined) return undefined;
    const { network, isPaused = false } = this.#view;
    return {
      network,
      isPaused,
      paths: this.#book.paths,
      display: this.#displays[this.#display] ?? 'times',
      nameOf: (address) => (this.#wantsNames ? this.#names.nameOf(address) : undefined),
    };
  }
}

/** A line for each trace, which says where the path is another than before. */
export class TraceLines implements ProbePresenter {
  readonly #appearance = outputAppearance();
  readonly #book = new PathBook();

  show(_view: ProbesView, event?: ScheduledResult): void {
    if (event === undefined) return;
    const { change } = this.#book.take(event);
    const { result } = event;
    const changed =
      change === undefined ? '' : `, ${this.#appearance.colours.doubtful(describeChange(change, this.#appearance))}`;
    print(`${isoTime(result.startedAt)} ${describeResult(result, this.#appearance)}${changed}`);
  }

  close(): void {}

  summarize(view: ProbesView): void {
    for (const line of renderSummary(view, this.#appearance)) print(line);
  }
}
