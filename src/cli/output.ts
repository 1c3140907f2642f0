import { type Appearance, appearanceFor } from './text/appearance.js';

/** What the command is asked for goes to standard output, a line at a time. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What it says about itself goes to standard error, so that it never mixes with anybody's output. */
export function say(line: string): void {
  process.stderr.write(`netpause: ${line}\n`);
}

/** As one line, for programs. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** How standard output is to be written to. */
export function outputAppearance(): Appearance {
  return appearanceFor({ isTerminal: process.stdout.isTTY === true, env: process.env });
}
