import {
  cursorHide,
  cursorShow,
  cursorTo,
  enterAlternativeScreen,
  eraseDown,
  eraseEndLine,
  exitAlternativeScreen,
} from 'ansi-escapes';
import { onSignals } from '../signals.js';

/** How much room there is. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Frames follow each other no closer than this, in milliseconds, however much happens. */
const FRAME_INTERVAL = 50;

/** The bytes that keys send in raw mode. */
const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';
const ESCAPE = '\u001b';

/** The whole of a terminal: on its alternate screen, so that what was there before is there again when it ends. */
export class FullScreen {
  readonly #quit: () => void;
  readonly #render: (size: ScreenSize) => readonly string[] | undefined;
  readonly #onKey: (key: string) => void;
  #frameTimer: NodeJS.Timeout | undefined;
  #isOpen = false;
  #releaseContinue: (() => void) | undefined;

  /**
   * @param quit called when the user wants to leave.
   * @param render gives the lines to show, or undefined where there is nothing to show yet.
   * @param onKey called with every other key, in lower case.
   */
  constructor(
    quit: () => void,
    render: (size: ScreenSize) => readonly string[] | undefined,
    onKey: (key: string) => void = () => {},
  ) {
    this.#quit = quit;
    this.#render = render;
    this.#onKey = onKey;
    // Whatever ends the process, an uncaught error included, must not leave a terminal without cursor and echo.
    process.once('exit', this.#leave);
    process.stdout.on('resize', this.#draw);
    this.#enter();
  }

  /** There is something new to show. */
  refresh(): void {
    this.#frameTimer ??= setTimeout(this.#draw, FRAME_INTERVAL);
  }

  /** The terminal is as it was. May be repeated. */
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
    if (!this.#isOpen) return;
    // A terminal whose size nobody has set says 0 by 0.
    const columns = process.stdout.columns || 80;
    const rows = process.stdout.rows || 24;
    const lines = this.#render({ columns, rows });
    if (lines === undefined) return;
    // No line feed behind the last line: it would scroll the screen. The terminal adds the carriage returns, in Node's raw mode too.
    process.stdout.write(cursorTo(0, 0) + lines.map((line) => line + eraseEndLine).join('\n') + eraseDown);
  };

  /** Several may come at once. Keys that send more than a character, such as the arrows, mean nothing here. */
  readonly #onKeys = (keys: string): void => {
    if (keys.startsWith(ESCAPE)) return;
    for (const key of keys.toLowerCase()) {
      if (key === 'q' || key === CTRL_C) this.#quit();
      else if (key === CTRL_Z) this.#suspend();
      else this.#onKey(key);
    }
  };

  /** As every program does that takes the keys for itself: the whole job stops, and when it goes on the screen is drawn anew. */
  #suspend(): void {
    this.#leave();
    this.#releaseContinue ??= onSignals(['SIGCONT'], () => this.#enter());
    process.kill(0, 'SIGTSTP');
  }
}
