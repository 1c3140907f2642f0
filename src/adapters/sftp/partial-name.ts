import { createHash } from 'node:crypto';

/**
 * What a file is called while it is not complete: beside its target, hidden, and by what identifies its source, so that no other source's bytes are
 * ever mixed with it, and a process that was started again finds it.
 *
 * @param identity whatever changes when the content of the source does.
 */
export function partialName(targetName: string, identity: readonly (string | number | bigint)[]): string {
  const digest = createHash('sha256')
    .update([targetName, ...identity].join('\0'))
    .digest('hex')
    .slice(0, DIGITS);
  return `.${shortened(targetName)}${MARK}${digest}.part`;
}

/** Whether a file is the unfinished one of a transfer. */
export function isPartialName(name: string): boolean {
  return PATTERN.test(name);
}

const MARK = '.netpause-';
const DIGITS = 16;
const PATTERN = /^\..*\.netpause-[0-9a-f]{16}\.part$/s;

/** The longest name that file systems take, in bytes (NAME_MAX of Linux). */
const LONGEST_NAME = 255;

/** The digest tells two apart that are the same up to here; for the target's name is in what it is made of, too. */
function shortened(name: string): string {
  const room = LONGEST_NAME - `.${MARK}.part`.length - DIGITS;
  let text = name;
  while (Buffer.byteLength(text) > room) text = [...text].slice(0, -1).join('');
  return text;
}
