import {
  cursorHide,
  cursorShow,
  cursorTo,
  enterAlternativeScreen,
  eraseDown,
  eraseEndLine,
  exitAlternativeScreen,
} from 'ansi-escapes';
import { outputAppearance } from '../output.js';
import { onSignals } from '../signals.js';
import type { Model } from './model.js';
import { now } from './observe.js';
import type { Presenter } from './presenter.js';
import { renderScreen } from './render-screen.js';
import type { WatchEvent } from './watch-event.js';

/** Frames follow each other no closer than this, in milliseconds, however much happens. */
const FRAME_INTERVAL = 50;

/** The bytes that keys send in raw mode. */
const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';

/** The live screen: on the terminal's alternate screen, so that what was there before is there again when it ends. */
export class LiveScreen implements Presenter {
  readonly #quit: () => void;
  readonly #appearance = outputAppearance();
  #model: Model | undefined;
  #frameTimer: NodeJS.Timeout | undefined;
  #isOpen = false;
  #releaseContinue: (() => void) | undefined;

  /** @param quit called when the user wants to leave. */
  constructor(quit: () => void) {
    this.#quit = quit;
    // Whatever ends the process, an uncaught error included, must not leave a terminal without cursor and echo.
    process.once('exit', this.#leave);
    process.stdout.on('resize', this.#draw);
    this.#enter();
  }

  show(_event: WatchEvent, model: Model): void {
    this.#model = model;
    this.#frameTimer ??= setTimeout(this.#draw, FRAME_INTERVAL);
  }

  close(): void {
    clearTimeout(this.#frameTimer);
    process.off('exit', this.#leave);
    process.stdout.off('resize', this.#draw);
    this.#releaseContinue?.();
    this.#leave();
  }

  #enter(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    process.stdout.write(enterAlternativeScreen + cursorHide);
    if (process.stdin.isTTY) {
      process.stdin.setRawMode(true);
      process.stdin.setEncoding('utf8');
      process.stdin.on('data', this.#onKeys);
      process.stdin.resume();
    }
    this.#draw();
  }

  readonly #leave = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (process.stdin.isTTY) {
      process.stdin.off('data', this.#onKeys);
      process.stdin.setRawMode(false);
      process.stdin.pause();
    }
    process.stdout.write(cursorShow + exitAlternativeScreen);
  };

  readonly #draw = (): void => {
    clearTimeout(this.#frameTimer);
    this.#frameTimer = undefined;
    if (!this.#isOpen || this.#model === undefined) return;
    // A terminal whose size nobody has set says 0 by 0.
    const columns = process.stdout.columns || 80;
    const rows = process.stdout.rows || 24;
    const lines = renderScreen(this.#model, { columns, rows, now: now(), appearance: this.#appearance });
    // No line feed behind the last line: it would scroll the screen. The terminal adds the carriage returns, in Node's raw mode too.
    process.stdout.write(cursorTo(0, 0) + lines.map((line) => line + eraseEndLine).join('\n') + eraseDown);
  };

  readonly #onKeys = (keys: string): void => {
    if (keys === 'q' || keys === 'Q' || keys === CTRL_C) this.#quit();
    else if (keys === CTRL_Z) this.#suspend();
  };

  /** As every program does that takes the keys for itself: the whole job stops, and when it goes on the screen is drawn anew. */
  #suspend(): void {
    this.#leave();
    this.#releaseContinue ??= onSignals(['SIGCONT'], () => this.#enter());
    process.kill(0, 'SIGTSTP');
  }
}
