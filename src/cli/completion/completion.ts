import type { Command } from 'commander';
import { bashScript } from './bash.js';
import { fishScript } from './fish.js';
import { type CommandNode, treeOf } from './tree.js';
import { zshScript } from './zsh.js';

export type Shell = 'bash' | 'zsh' | 'fish';

/** The script that has a shell complete a command, without a line feed at its end. */
export function completionScript(shell: Shell, program: Command): string {
  return WRITERS[shell](treeOf(program)).trimEnd();
}

const WRITERS: Readonly<Record<Shell, (tree: CommandNode) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
