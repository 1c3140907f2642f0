import { type Command, Option } from 'commander';
import { parseDuration } from '../../options/duration.js';
import { type Example, type ExitCode, examples, exitCodes } from '../../options/help.js';
import { collect } from '../../options/list.js';
import { parseNumber } from '../../options/number.js';
import { LOG_LEVEL_FLAG, LOG_LEVELS } from '../log-level-flag.js';
import type { RegistryFlags } from './registry-flags.js';

/** Adds `netpause ring registry`. */
export function addRegistryCommand(ring: Command, report: (exitCode: number) => void): void {
  const command = ring
    .command('registry')
    .summary('run the registry, where members find each other')
    .description(
      "Runs the registry of a ring: members register with it, and it shows what they report. It reads Netring's registry.yaml; but where that has it listen for others, it wants tokens. Of each setting counts the flag, then the variable of the environment, then the file.",
    )
    .argument('[file]', "settings in YAML, in the shape of Netring's config/registry.yaml")
    .option('--host <address>', 'address to listen on; another one than loopback needs tokens (default: 127.0.0.1)')
    .option('--port <port>', 'port to listen on; 0 for any that is free (default: 8756)', parseNumber);
  addAccessFlags(command);
  addStoreFlags(command);
  addExpectedFlags(command);
  addOwnNetworkFlags(command)
    .action(async (file: string | undefined, flags: RegistryFlags) => {
      const { registry } = await import('./registry.js');
      report(await registry(file, flags));
    })
    .addHelpText('after', VARIABLES)
    .addHelpText('after', exitCodes(EXIT_CODES))
    .addHelpText('after', examples(EXAMPLES));
}

function addAccessFlags(command: Command): Command {
  return command
    .optionsGroup('Who may do what:')
    .option(
      '--token-file <file>',
      'file with the tokens of which one is needed to change anything, one on each line; read again when it changes and on SIGHUP (or by NETRING_TOKEN)',
    )
    .option('--read-token-file <file>', 'file with tokens of which one is needed to read; those of --token-file do too')
    .option('--tls-cert <file>', 'certificate for HTTPS, with those between it and the root, in PEM')
    .option('--tls-key <file>', 'its private key, in PEM');
}

function addStoreFlags(command: Command): Command {
  return command
    .optionsGroup('What is kept, where, and for how long:')
    .option(
      '--redis <url>',
      'keep it in Redis, which several registries can share: redis:// or rediss:// (or by REDIS_URL, which does not show its password to everybody on this host)',
    )
    .option('--redis-prefix <prefix>', 'what all keys in Redis begin with (default: netring:)')
    .option('--member-ttl <duration>', 'silence after which a member is forgotten (default: 5m)', parseDuration)
    .option('--report-ttl <duration>', 'time for which a report counts (default: 5m)', parseDuration)
    .option(
      '--deregistered-ttl <duration>',
      'time for which a member is shown that has left (default: 1h)',
      parseDuration,
    );
}

function addExpectedFlags(command: Command): Command {
  return command
    .optionsGroup('Who should be there:')
    .option('--expected <file>', "expected members in YAML, in the shape of Netring's config/expected-members.yaml")
    .option('--webhook <url>', 'who is told by POST when they are missing; may be repeated', collect);
}

function addOwnNetworkFlags(command: Command): Command {
  return command
    .optionsGroup('Itself:')
    .option(
      '--check-host <host>',
      'address, name or http(s) URL whose answer proves that the registry is online itself; may be repeated (default: 8.8.8.8, 1.1.1.1, 8.8.4.4, and on loopback it is not watched)',
      collect,
    )
    .addOption(new Option('--no-monitor', 'do not watch whether the registry is online itself').conflicts('checkHost'))
    .addOption(new Option(...LOG_LEVEL_FLAG).choices(LOG_LEVELS))
    .option('--json', 'print what it says as lines of JSON');
}

const VARIABLES = `
Environment:
  NETRING_TOKEN  the token for changes, where no --token-file is given
  REDIS_URL      as --redis
  LOG_LEVEL      as --log-level`;

const EXIT_CODES: readonly ExitCode[] = [
  ['0', 'it was stopped by SIGTERM or SIGINT, and has answered what was asked'],
  ['2', 'it cannot listen there, a file cannot be used, or the usage is wrong'],
];

const EXAMPLES: readonly Example[] = [
  ['netpause ring registry', 'for members on this host'],
  ['netpause ring registry --host 0.0.0.0 --token-file tokens.txt', 'for all who know a token'],
  ['REDIS_URL=redis://192.0.2.1:6379 netpause ring registry config/registry.yaml', 'one of several that share a Redis'],
  ['netpause ring registry --expected sites.yaml --webhook https://example.com', 'says who is missing'],
];
