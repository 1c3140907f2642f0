import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { addBandwidthServerCommand } from './bandwidth-server/bandwidth-server-command.js';
import type { DoctorFlags } from './doctor/doctor.js';
import type { ExecFlags } from './exec/exec.js';
import { addMonitorCommand } from './monitor/monitor-command.js';
import { parseDurationOrNever } from './options/duration.js';
import { durationOption, type Example, type ExitCode, examples, exitCodes } from './options/help.js';
import { collectAs } from './options/list.js';
import { addMonitorFlags } from './options/monitor-flags.js';
import { parseCount, parseNumber } from './options/number.js';
import { addTargetFlags } from './options/target-flags.js';
import { print } from './output.js';
import { addProbeCommand } from './probe/probe-command.js';
import { addRingCommand } from './ring/ring-command.js';
import type { StatusFlags } from './status/status.js';
import type { WaitFlags } from './wait/wait.js';
import type { WatchFlags } from './watch/watch.js';

/**
 * The command line: every sub-command with its flags and its help. What a sub-command does is loaded when it is called, so that the quick ones
 * are quick.
 *
 * @param report is given the exit code when a sub-command has run.
 */
export function createProgram(report: (exitCode: number) => void): Command {
  const program = new Command('netpause')
    .description('Know whether the network is there, before you blame a server or burn a retry.')
    .version(packageJson.version)
    .helpCommand(true)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(toOneLine(text)) })
    .addHelpText('after', exitCodes(COMMON_EXIT_CODES))
    .addHelpText('after', examples(PROGRAM_EXAMPLES));
  addWatch(program, report);
  addStatus(program, report);
  addWait(program, report);
  addExec(program, report);
  addProbeCommand(program, report);
  addMonitorCommand(program, report);
  addBandwidthServerCommand(program, report);
  addRingCommand(program, report);
  addDoctor(program, report);
  addCompletion(program);
  return program;
}

type Report = (exitCode: number) => void;

function addWatch(program: Command, report: Report): void {
  const command = program
    .command('watch')
    .summary('show the network live')
    .description(
      'Shows interfaces, paths, checks and outages as they happen: on a terminal as a screen, in a pipe as lines.',
    )
    .argument('[destination...]', 'destinations whose ways are to be shown as well: host, host:port or URL')
    .option('--json', 'print every event as one line of JSON')
    .action(async (destinations: readonly string[], flags: WatchFlags) => {
      const { watch } = await import('./watch/watch.js');
      report(await watch(destinations, flags));
    });
  addMonitorFlags(command).addHelpText(
    'after',
    examples([
      ['netpause watch', 'a live screen; q ends it'],
      ['netpause watch sftp.example.com:22', 'with the way to a destination'],
      ['netpause watch --json | jq -c \'select(.event == "state" and .from != .to)\'', 'outages, for a program'],
      ['netpause watch --no-checks >> outages.log', 'lines, by what the kernel says alone'],
    ]),
  );
}

function addStatus(program: Command, report: Report): void {
  const command = program
    .command('status')
    .summary('say whether the network is there, by exit code')
    .description(
      'Looks at the network once and says how it stands. With a destination: how the way to it stands; it is not connected to.',
    )
    .argument('[destination]', 'host, host:port or URL')
    .option('--allow-degraded', 'exit with 0 also when the state is degraded')
    .option('--json', 'print one line of JSON')
    .action(async (destination: string | undefined, flags: StatusFlags) => {
      const { status } = await import('./status/status.js');
      report(await status(destination, flags));
    });
  addTargetFlags(addMonitorFlags(command))
    .addHelpText('after', exitCodes(STATUS_EXIT_CODES))
    .addHelpText(
      'after',
      examples([
        ['netpause status', 'for people'],
        ['netpause status --allow-degraded >/dev/null && ./sync.sh', 'for a script'],
        ['netpause status --check-host 192.0.2.53 --trust-check-hosts --json', 'for a health check'],
        ['netpause status sftp.example.com:22', 'the way to one destination'],
      ]),
    );
}

function addWait(program: Command, report: Report): void {
  const command = program
    .command('wait')
    .summary('wait until the network or a destination is up')
    .description(
      'Waits until the network is up: until a check host has answered. With a destination: until it accepts a connection, or where it names no port, until the way to it is there.',
    )
    .argument('[destination]', 'host, host:port or URL')
    .addOption(durationOption('--timeout <duration>', 'give up after this time', 'never'))
    .option('-q, --quiet', 'do not say what is waited for')
    .action(async (destination: string | undefined, flags: WaitFlags) => {
      const { wait } = await import('./wait/wait.js');
      report(await wait(destination, flags));
    });
  addTargetFlags(addMonitorFlags(command))
    .addHelpText('after', exitCodes(WAIT_EXIT_CODES))
    .addHelpText(
      'after',
      examples([
        ['netpause wait && ./sync.sh', 'as soon as there is a network'],
        ['netpause wait db.example.com:5432 --timeout 60s', 'as soon as the database listens, or after a minute not'],
        ['netpause wait --no-checks', 'as soon as there is a route'],
      ]),
    );
}

function addExec(program: Command, report: Report): void {
  const command = program
    .command('exec')
    .summary('run a command so that outages do not count')
    .description(
      'Runs a command. When it fails or hangs while the network is down, waits for the network and runs it again, and that does not count as a retry. Exit code, signals and the terminal are passed through.',
    )
    .argument('<command...>', 'the command and its arguments, best behind --')
    .passThroughOptions()
    .option('--target <destination>', 'what the command talks to: judge by the way there (host, host:port or URL)')
    .option('--retries <number>', 'how often to repeat it when it fails by itself; or forever', parseCount, 0)
    .option('--final <code>', 'exit code that is an answer and never repeated; may be repeated', collectAs(parseNumber))
    .option('-q, --quiet', 'say nothing about pauses and retries')
    .optionsGroup('When to stop waiting:')
    .option('--interrupt-after <duration>', INTERRUPT_AFTER, parseDurationOrNever)
    .addOption(durationOption('--kill-after <duration>', 'end it by SIGKILL this long after SIGTERM', '10s'))
    .option(
      '--timeout <duration>',
      'how long one run may take; counts as a failure (default: never)',
      parseDurationOrNever,
    )
    .option(
      '--max-pause <duration>',
      'how long to wait for the network before giving up (default: never)',
      parseDurationOrNever,
    )
    .option(
      '--trial-interval <duration>',
      'how often to try in an outage all the same (default: 30s)',
      parseDurationOrNever,
    )
    .optionsGroup('Between retries:')
    .addOption(durationOption('--min-timeout <duration>', 'the first delay', '1s'))
    .addOption(durationOption('--max-timeout <duration>', 'the longest delay', '60s'))
    .option('--factor <number>', 'by how much the delay grows', parseNumber, 2)
    .option('--randomize', 'multiply each delay by a random number from 1 to 2')
    .action(async ([name = '', ...args]: readonly string[], flags: ExecFlags) => {
      const { exec } = await import('./exec/exec.js');
      report(await exec([name, ...args], flags));
    });
  addTargetFlags(addMonitorFlags(command))
    .addHelpText('after', exitCodes(EXEC_EXIT_CODES))
    .addHelpText(
      'after',
      examples([
        ['netpause exec -- rsync -a --partial data/ backup.example.com:data/', ''],
        ['netpause exec --retries 5 --final 22 -- curl -fO https://example.com/big.iso', 'HTTP errors are final'],
        ['netpause exec --target db.example.com:5432 --max-pause 10m -- ./migrate.sh', ''],
      ]),
    );
}

const INTERRUPT_AFTER =
  'how long the network may be gone before a command that hangs is ended (default: 2s without a path, 10s without an answer)';

function addDoctor(program: Command, report: Report): void {
  const command = program
    .command('doctor')
    .summary('say what works on this host, and what to do about the rest')
    .description('Tries on this host what netpause rests on, and says what to do about what does not work.')
    .option('--json', 'print one line of JSON')
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('./doctor/doctor.js');
      report(await doctor(flags));
    });
  addMonitorFlags(command)
    .addHelpText('after', exitCodes(DOCTOR_EXIT_CODES))
    .addHelpText(
      'after',
      examples([
        ['netpause doctor', ''],
        ['netpause doctor --check-host 192.0.2.53', 'with the check hosts that you mean to use'],
      ]),
    );
}

function addCompletion(program: Command): void {
  const completion = program
    .command('completion')
    .helpCommand(false)
    .summary('print a completion script for a shell')
    .description('Prints a script that has a shell complete sub-commands, options and their values.');
  for (const [shell, usage] of SHELLS) {
    completion
      .command(shell)
      .description(`the script for ${shell}`)
      .addHelpText('after', examples([usage]))
      .action(async () => {
        const { completionScript } = await import('./completion/completion.js');
        print(completionScript(shell, program));
      });
  }
  completion.addHelpText('after', examples(SHELLS.map(([, usage]) => usage)));
}

const SHELLS = [
  ['bash', ['source <(netpause completion bash)', 'in ~/.bashrc']],
  ['zsh', ['source <(netpause completion zsh)', 'in ~/.zshrc, after compinit']],
  ['fish', ['netpause completion fish | source', 'in ~/.config/fish/config.fish']],
] as const;

const COMMON_EXIT_CODES: readonly ExitCode[] = [
  ['2', 'wrong usage'],
  ['125', 'netpause itself failed'],
  ['128+n', 'ended by signal n'],
];

const STATUS_EXIT_CODES: readonly ExitCode[] = [
  ['0', 'up'],
  ['1', 'down'],
  ['3', 'degraded: not everything answers, or nothing can be verified'],
  ['4', 'unknown'],
];

const WAIT_EXIT_CODES: readonly ExitCode[] = [
  ['0', 'it is up'],
  ['124', 'it was not within --timeout'],
];

const EXEC_EXIT_CODES: readonly ExitCode[] = [
  ['', 'that of the last run of the command; or'],
  ['124', 'the network was away for too long, or a run took too long'],
  ['126', 'the command cannot be run'],
  ['127', 'there is no such command'],
  ['128+n', 'signal n ended the command, or netpause while it waited'],
];

const DOCTOR_EXIT_CODES: readonly ExitCode[] = [
  ['0', 'everything works by which outages are noticed'],
  ['1', 'something of it does not'],
];

const PROGRAM_EXAMPLES: readonly Example[] = [
  ['netpause watch', 'a live screen of the network'],
  ['netpause wait && ./sync.sh', 'begin when the network is there'],
  ['netpause exec -- rsync -a data/ backup.example.com:data/', 'let no outage spoil it'],
  ['netpause probe tcp db.example.com:5432', 'whose fault it is'],
  ['netpause doctor', 'what works on this host'],
];

/** Commander puts its suggestion on a line of its own. */
function toOneLine(text: string): string {
  return `${text
    .trim()
    .replace(/^error: /, 'netpause: ')
    .replace(/\s*\n\s*/g, ' ')}\n`;
}
