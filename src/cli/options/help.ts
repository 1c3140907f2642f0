import { Option } from 'commander';
import { parseDurationOrNever } from './duration.js';

/** An option that takes a duration, with a default as the user would type it. */
export function durationOption(flags: string, description: string, otherwise: string): Option {
  return new Option(flags, description)
    .argParser(parseDurationOrNever)
    .default(parseDurationOrNever(otherwise), otherwise);
}

/** A code, and what it means. */
export type ExitCode = readonly [code: string, meaning: string];

/** The part of a help that tells of exit codes. */
export function exitCodes(list: readonly ExitCode[]): string {
  return ['', 'Exit codes:', ...list.map(([code, meaning]) => `  ${code.padEnd(5)}  ${meaning}`)].join('\n');
}

/** A command line, and what it is for. */
export type Example = readonly [command: string, note: string];

/** The part of a help that shows how it is used. */
export function examples(list: readonly Example[]): string {
  const lines = list.map(([command, note]) => (note === '' ? `  $ ${command}` : `  $ ${command}\n      ${note}`));
  return ['', 'Examples:', ...lines].join('\n');
}
