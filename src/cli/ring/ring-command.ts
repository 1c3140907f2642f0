import type { Command } from 'commander';
import { type Example, examples } from '../options/help.js';
import { addDemoCommand } from './demo/demo-command.js';
import { addMemberCommand } from './member/member-command.js';
import { addRegistryCommand } from './registry/registry-command.js';

/** Adds `netpause ring`, with a sub-command for each part of a ring. */
export function addRingCommand(program: Command, report: (exitCode: number) => void): void {
  const ring = program
    .command('ring')
    .helpCommand(false)
    .summary('sites that watch their connections to each other')
    .description(
      'Several sites watch their connections to each other: members check one another, and find each other through a registry, which shows what they see.',
    )
    .addHelpText('after', examples(EXAMPLES));
  addRegistryCommand(ring, report);
  addMemberCommand(ring, report);
  addDemoCommand(ring, report);
}

const EXAMPLES: readonly Example[] = [
  ['netpause ring registry', 'a registry for members on this host'],
  ['netpause ring member --location dc1', 'a member beside it'],
  ['netpause ring demo', 'all of it at work, on this machine'],
];
