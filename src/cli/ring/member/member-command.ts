import { type Command, Option } from 'commander';
import { parseDuration } from '../../options/duration.js';
import { type Example, type ExitCode, examples, exitCodes } from '../../options/help.js';
import { collect } from '../../options/list.js';
import { parseNumber } from '../../options/number.js';
import { LOG_LEVEL_FLAG, LOG_LEVELS } from '../log-level-flag.js';
import type { MemberFlags } from './member-flags.js';

/** Adds `netpause ring member`. */
export function addMemberCommand(ring: Command, report: (exitCode: number) => void): void {
  const command = ring
    .command('member')
    .summary('run a member, which checks the others')
    .description(
      "Runs a member of a ring: it registers, checks the other members and reports what it sees. It reads Netring's member.yaml or, where no file is given, Netring's variables (NETRING_LOCATION and so on), as Netring does. Flags count for more than either, and beside a file so do NETRING_TOKEN and LOG_LEVEL.",
    )
    .argument('[file]', "settings in YAML, in the shape of Netring's config/member.yaml")
    .option('--location <name>', 'where this member is: a site, a data centre (default: unknown)')
    .option(
      '--registry <url>',
      'where the registry is; may be repeated, for several with one store (default: http://localhost:8756)',
      collect,
    )
    .option(
      '--token-file <file>',
      'file with the token that the registry wants, on its first line; read again when it changes (or by NETRING_TOKEN)',
    )
    .option('--id <id>', 'by what it is known, best the same after a restart (default: a new UUID)');
  addListeningFlags(command);
  addCheckFlags(command);
  addIntervalFlags(command)
    .optionsGroup('Itself:')
    .option(
      '--check-host <host>',
      'address, name or http(s) URL whose answer proves that this host is online; may be repeated (default: 8.8.8.8, 1.1.1.1, 8.8.4.4; nobody is asked where the registry is on this host, nor where the file has check_hosts: [])',
      collect,
    )
    .addOption(new Option(...LOG_LEVEL_FLAG).choices(LOG_LEVELS))
    .option('--json', 'print what it says as lines of JSON')
    .action(async (file: string | undefined, flags: MemberFlags) => {
      const { member } = await import('./member.js');
      report(await member(file, flags));
    })
    .addHelpText('after', exitCodes(EXIT_CODES))
    .addHelpText('after', examples(EXAMPLES));
}

function addListeningFlags(command: Command): Command {
  return command
    .optionsGroup('How others reach it:')
    .option(
      '--host <address>',
      'address to listen on; has to be given where the registry is on another host (default: 127.0.0.1)',
    )
    .option('--port <port>', 'port to listen on; 0 for any that is free (default: 8757)', parseNumber)
    .option(
      '--advertise <address>',
      'address or name by which others reach it; env:NAME for what a variable holds (default: auto)',
    );
}

function addCheckFlags(command: Command): Command {
  return command
    .optionsGroup('Whom it checks, and how:')
    .addOption(
      new Option('--plan <plan>', 'everyone, or those next on a ring (default: mesh)').choices(['mesh', 'ring']),
    )
    .option('--successors <number>', 'how many of those next on a ring (default: 2)', parseNumber)
    .option(
      '--allow <network>',
      'address or network that may be probed; may be repeated (default: all but what is no other host)',
      collect,
    )
    .option(
      '--endpoint <path>',
      'path to ask each member for by HTTP; may be repeated (default: /health, /metrics)',
      collect,
    )
    .option('--tcp-timeout <duration>', 'how long a TCP handshake may take (default: 5s)', parseDuration)
    .option('--http-timeout <duration>', 'how long an HTTP check may take (default: 10s)', parseDuration);
}

function addIntervalFlags(command: Command): Command {
  return command
    .optionsGroup('How often:')
    .option('--check-interval <duration>', 'from one check of a member to the next (default: 1m)', parseDuration)
    .option(
      '--report-interval <duration>',
      'from one report to the next; a changed verdict is reported at once (default: 1m)',
      parseDuration,
    )
    .option('--heartbeat-interval <duration>', 'from one sign of life to the next (default: 45s)', parseDuration)
    .option(
      '--poll-interval <duration>',
      'from one look at the list of members to the next (default: 30s)',
      parseDuration,
    )
    .option(
      '--bandwidth-interval <duration>',
      'from one bandwidth test of a member to the next; 0 for none (default: 5m, and after 1m for the first time)',
      parseDuration,
    )
    .option(
      '--traceroute-interval <duration>',
      'from one trace of the way to a member to the next; 0 for none (default: 5m, and after 1.5m for the first time)',
      parseDuration,
    );
}

const EXIT_CODES: readonly ExitCode[] = [
  ['0', 'it was stopped by SIGTERM or SIGINT, and has left the ring'],
  ['2', 'it cannot listen there, a file cannot be used, or the usage is wrong'],
];

const EXAMPLES: readonly Example[] = [
  ['netpause ring member --location dc1', 'beside a registry on this host'],
  [
    'netpause ring member --location dc1 --host 0.0.0.0 \\\n      --registry http://192.0.2.1:8756 --token-file token.txt',
    '',
  ],
  ['NETRING_LOCATION=dc1 NETRING_TCP_TIMEOUT=2 netpause ring member', "by Netring's variables"],
  ['netpause ring member config/member.yaml --log-level debug', "by Netring's file"],
];
