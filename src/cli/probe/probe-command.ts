import { type Command, Option } from 'commander';
import type { EngineName } from '../../probes/index.js';
import { parseDuration } from '../options/duration.js';
import { durationOption, type Example, type ExitCode, examples, exitCodes } from '../options/help.js';
import { collect, collectAs } from '../options/list.js';
import { addMonitorFlags } from '../options/monitor-flags.js';
import { parseCount, parseNumber } from '../options/number.js';
import type { ProbeFlags } from './probe.js';

/** Adds `netpause probe`, with a sub-command for each engine. */
export function addProbeCommand(program: Command, report: (exitCode: number) => void): void {
  const probe = program
    .command('probe')
    .helpCommand(false)
    .summary('measure a target, and say whose fault it is')
    .description(
      'Probes targets and says what was found: ok, failed, or inconclusive where this host was offline itself. With --count it repeats: on a terminal as a screen, in a pipe as lines.',
    )
    .addHelpText('after', exitCodes(EXIT_CODES))
    .addHelpText('after', examples(EXAMPLES));
  for (const engine of ENGINES) addEngine(probe, engine, report);
}

interface EngineCommand {
  readonly name: EngineName;
  readonly summary: string;
  readonly target: string;
  readonly addFlags: (command: Command) => Command;
  readonly examples: readonly Example[];
}

function addEngine(probe: Command, engine: EngineCommand, report: (exitCode: number) => void): void {
  const command = probe
    .command(engine.name)
    .description(engine.summary)
    .argument('<target...>', engine.target)
    .option('--count <number>', 'how often to probe each target; or forever', parseCount, 1)
    .addOption(durationOption('--interval <duration>', 'from one probe of a target to the next', '1s'))
    .option('--timeout <duration>', TIMEOUT.get(engine.name) ?? 'how long one probe may take', parseDuration)
    .option('--json', 'print every result as one line of JSON')
    .addOption(new Option('--influx', 'print every result in the line protocol of InfluxDB').conflicts('json'))
    .action(async (targets: readonly string[], flags: ProbeFlags) => {
      const { probe: run } = await import('./probe.js');
      report(await run(engine.name, targets, flags));
    });
  engine.addFlags(command.optionsGroup('What is asked, and what has to come back:'));
  addMonitorFlags(addSourceFlags(command))
    .addHelpText('after', exitCodes(EXIT_CODES))
    .addHelpText('after', examples(engine.examples));
}

function addSourceFlags(command: Command): Command {
  return command
    .optionsGroup('From where:')
    .option('-4, --ipv4', 'by IPv4 only')
    .addOption(new Option('-6, --ipv6', 'by IPv6 only').conflicts('ipv4'))
    .option('--source <address>', 'address to ask from')
    .option('--source-interface <name>', 'interface to ask from, whatever the routes say');
}

const TIMEOUT: ReadonlyMap<EngineName, string> = new Map([
  ['tcp', 'how long one probe may take (default: 5s)'],
  ['http', 'how long one probe may take (default: 10s)'],
  ['dns', 'how long one probe may take (default: 5s)'],
  ['ping', 'how long to wait for each reply (default: 1s)'],
]);

const ENGINES: readonly EngineCommand[] = [
  {
    name: 'tcp',
    summary: 'Connects, and measures how long that takes.',
    target: 'host:port, or host with --port',
    addFlags: (command) =>
      command
        .option('--port <port>', 'port to connect to; may be repeated', collectAs(parseNumber))
        .option('--send <text>', 'what to send once connected; \\r, \\n and \\t are understood')
        .option('--expect <text>', 'what has to come then', collect),
    examples: [
      ['netpause probe tcp db.example.com:5432', 'once'],
      ['netpause probe tcp 192.0.2.1:22 192.0.2.2:22 --count forever', 'a live screen; q ends it'],
      ['netpause probe tcp mail.example.com:25 --expect "220 "', 'with what it says'],
    ],
  },
  {
    name: 'http',
    summary: 'Asks for a URL, and measures each phase.',
    target: 'http or https URL',
    addFlags: (command) =>
      command
        .option('--method <method>', 'method of the request (default: GET)')
        .option("--header <'name: value'>", 'header field of the request; may be repeated', collect)
        .option(
          '--status <status>',
          'status that is good: 200, or 2xx for a class; may be repeated (default: 2xx)',
          collect,
        )
        .option('--expect <text>', 'what the body has to hold', collect)
        .option('--max-redirects <number>', 'how many redirects are followed (default: 5)', parseNumber)
        .option('--http <version>', 'auto, 1.1 or 2 (default: auto)')
        .option('--ca <file>', 'certificates to trust, in PEM')
        .option('--no-verify', 'do not mind a bad certificate')
        .option('--min-certificate-days <days>', 'fail where a certificate expires sooner', parseNumber),
    examples: [
      ['netpause probe http https://www.example.com/', 'once'],
      ['netpause probe http https://www.example.com/health --expect ok', 'with its body'],
      ['netpause probe http http://192.0.2.1/ --count 60 --json', 'a minute, for a program'],
    ],
  },
  {
    name: 'dns',
    summary: 'Asks a name server, or those of this system.',
    target: 'name to ask for',
    addFlags: (command) =>
      command
        .option('--type <type>', 'record type (default: A)')
        .option('--server <server>', 'server to ask, with a port or without (default: those of this system)')
        .option('--transport <transport>', 'udp, tcp or tls (default: udp)')
        .option('--rcode <code>', 'response code that is good (default: NOERROR)')
        .option('--expect <answer>', 'answer that has to be there; may be repeated', collect),
    examples: [
      ['netpause probe dns example.com', 'by the name servers of this system'],
      ['netpause probe dns example.com --type MX --server 192.0.2.53', 'by this one'],
    ],
  },
  {
    name: 'ping',
    summary: 'Sends ICMP echo requests, and measures what comes back.',
    target: 'name or address',
    addFlags: (command) =>
      command
        .option(
          '--packets <number>',
          'how many requests to send each time (default: 5, or 1 with --count)',
          parseNumber,
        )
        .option('--packet-interval <duration>', 'from one request to the next (default: 200ms)', parseDuration)
        .option('--size <bytes>', 'bytes of data in each (default: 56)', parseNumber)
        .option('--ttl <number>', 'how many routers may pass them on', parseNumber)
        .option('--max-loss <fraction>', 'which part of them may be lost (default: 1)', parseNumber)
        .option('--max-rtt <milliseconds>', 'the longest average time that is good', parseNumber)
        .option('--tcp-port <port>', 'measure TCP handshakes with this port where ICMP is not permitted', parseNumber),
    examples: [
      ['netpause probe ping 192.0.2.1', 'five requests'],
      ['netpause probe ping 192.0.2.1 192.0.2.2 --count forever', 'a live screen; q ends it'],
    ],
  },
];

const EXIT_CODES: readonly ExitCode[] = [
  ['0', 'all is ok'],
  ['1', 'something failed'],
  ['3', 'nothing failed, but not all could be judged: this host was offline, or'],
  ['', 'lacks a permission'],
];

const EXAMPLES: readonly Example[] = [
  ['netpause probe tcp db.example.com:5432', ''],
  ['netpause probe http https://www.example.com/ --count forever', 'a live screen'],
];
