import type { ScheduledResult } from '../../../probes/index.js';
import { outputAppearance } from '../../output.js';
import { FullScreen, type ScreenSize } from '../../screen/full-screen.js';
import { cutTo } from '../../text/fit.js';
import type { ProbeControls, ProbePresenter } from '../probe-presenter.js';
import { isHost } from '../result-kinds.js';
import { renderHost } from './render-host.js';

/** What a host says of itself on a terminal, again and again. */
export class HostScreen implements ProbePresenter {
  readonly #appearance = outputAppearance();
  readonly #screen: FullScreen;
  #lines: readonly string[] = [];

  constructor({ quit }: Pick<ProbeControls, 'quit'>) {
    this.#screen = new FullScreen(quit, (size) => this.#frame(size));
  }

  show(_view: unknown, event?: ScheduledResult): void {
    if (event !== undefined && isHost(event.result)) this.#lines = renderHost(event.result.facts, this.#appearance);
    this.#screen.refresh();
  }

  close(): void {
    this.#screen.close();
  }

  summarize(): void {}

  #frame({ columns, rows }: ScreenSize): readonly string[] {
    const { colours, signs } = this.#appearance;
    const body = this.#lines.slice(0, Math.max(0, rows - 1));
    const filled = [...body, ...new Array<string>(Math.max(0, rows - 1 - body.length)).fill('')];
    return [...filled, colours.dim('q quit')].slice(0, rows).map((line) => cutTo(line, columns, signs.ellipsis));
  }
}
