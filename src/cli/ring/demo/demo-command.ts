import type { Command } from 'commander';
import { parseDuration } from '../../options/duration.js';
import { type Example, type ExitCode, examples, exitCodes } from '../../options/help.js';
import { parseNumber } from '../../options/number.js';
import type { DemoFlags } from './demo-settings.js';

/** Adds `netpause ring demo`. */
export function addDemoCommand(ring: Command, report: (exitCode: number) => void): void {
  ring
    .command('demo')
    .summary('show a ring at work on this machine')
    .description(
      'Shows a registry and members at work, each in a network namespace of its own, joined by cables to a router: one cable after the other is pulled and put back, and what the ring says is told here and on the page of the registry. It needs no rights beyond those of an ordinary user, changes nothing on this host, and leaves nothing behind. Where there are no namespaces, everything runs on loopback, and members are ended in the place of cables.',
    )
    .option('--members <number>', 'how many members, from 2 to 12 (default: 5)', parseNumber)
    .option('--port <port>', "of the registry's page; 0 for any that is free (default: 8756)", parseNumber)
    .option('--pull-every <duration>', 'from one pulled cable to the next (default: 60s)', parseDuration)
    .option('--once', 'end when one cable was pulled and all is well again')
    .option('--duration <duration>', 'end after this time (default: when Ctrl-C is pressed)', parseDuration)
    .option('--loopback', 'use no namespaces, also where they can be had')
    .action(async (flags: DemoFlags) => {
      const { ringDemo } = await import('./demo.js');
      report(await ringDemo(flags));
    })
    .addHelpText('after', exitCodes(EXIT_CODES))
    .addHelpText('after', examples(EXAMPLES));
  addDemoPart(ring, report);
}

/** What the processes of a demo are started by. */
export const PROCESS_COMMAND = 'demo-process';

function addDemoPart(ring: Command, report: (exitCode: number) => void): void {
  ring
    .command(PROCESS_COMMAND, { hidden: true })
    .description('Runs a process of a demo, which ends with it. Nobody else starts it.')
    .argument('<words...>')
    .passThroughOptions()
    .action(async (words: readonly string[]) => {
      const { demoProcess } = await import('./demo-process-command.js');
      report(await demoProcess(words));
    });
}

const EXIT_CODES: readonly ExitCode[] = [
  ['0', 'the ring has shown every fault as what it was'],
  ['1', 'it has not, or blamed somebody else for one'],
  ['2', 'the port is taken, or the usage is wrong'],
];

const EXAMPLES: readonly Example[] = [
  ['netpause ring demo', 'until Ctrl-C'],
  ['netpause ring demo --members 3 --pull-every 20s', ''],
  ['netpause ring demo --once --port 0', 'one fault, for a script'],
];
