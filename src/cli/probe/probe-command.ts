import { hostname } from 'node:os';
import { type Command, Option } from 'commander';
import type { EngineName } from '../../probes/index.js';
import { parseBytes } from '../options/bytes.js';
import { parseDuration } from '../options/duration.js';
import { durationOption, type Example, type ExitCode, examples, exitCodes } from '../options/help.js';
import { collect, collectAs } from '../options/list.js';
import { addMonitorFlags } from '../options/monitor-flags.js';
import { parseCount, parseNumber } from '../options/number.js';
import { TOKEN_VARIABLE } from '../options/token.js';
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
  /** Absent where it asks nobody. */
  readonly target?: string;
  /** From one probe to the next, where it is more than a second. */
  readonly interval?: string;
  readonly addFlags: (command: Command) => Command;
  readonly examples: readonly Example[];
}

function addEngine(probe: Command, engine: EngineCommand, report: (exitCode: number) => void): void {
  const { name, summary, target, interval = '1s' } = engine;
  const command = probe
    .command(name)
    .description(summary)
    .option('--count <number>', 'how often to probe each target; or forever', parseCount, 1)
    .addOption(durationOption('--interval <duration>', 'from one probe of a target to the next', interval))
    .option('--timeout <duration>', TIMEOUT[name], parseDuration)
    .option('--json', 'print every result as one line of JSON')
    .addOption(new Option('--influx', 'print every result in the line protocol of InfluxDB').conflicts('json'));
  const run = async (targets: readonly string[], flags: ProbeFlags): Promise<void> => {
    const { probe: start } = await import('./probe.js');
    report(await start(name, targets, flags));
  };
  engine.addFlags(command.optionsGroup('What is asked, and what has to come back:'));
  if (target === undefined) {
    command.action((flags: ProbeFlags) => run([hostname()], flags));
  } else {
    command.argument('<target...>', target).action(run);
    addGeoFlags(addSourceFlags(command));
  }
  addMonitorFlags(command).addHelpText('after', exitCodes(EXIT_CODES)).addHelpText('after', examples(engine.examples));
}

function addGeoFlags(command: Command): Command {
  return command
    .optionsGroup('Where it is, by files of your own:')
    .option('--geo-city <file>', 'place of each address, by a City or Country database in the MaxMind format')
    .option('--geo-asn <file>', 'network of each address, by an ASN or ISP database in that format')
    .option('--here <lat,lon>', 'where distances are measured from; or an address that the files know the place of');
}

function addSourceFlags(command: Command): Command {
  return command
    .optionsGroup('From where:')
    .option('-4, --ipv4', 'by IPv4 only')
    .addOption(new Option('-6, --ipv6', 'by IPv6 only').conflicts('ipv4'))
    .option('--source <address>', 'address to ask from')
    .option('--source-interface <name>', 'interface to ask from, whatever the routes say');
}

const TIMEOUT: Readonly<Record<EngineName, string>> = {
  tcp: 'how long one probe may take (default: 5s)',
  http: 'how long one probe may take (default: 10s)',
  dns: 'how long one probe may take (default: 5s)',
  ping: 'how long to wait for each reply (default: 1s)',
  trace: 'how long to wait for each reply (default: 1s)',
  bandwidth: 'how long one test may take with all that belongs to it (default: twice the durations, and 10s more)',
  host: 'how long a reading may take beside the time between two (default: 5s)',
};

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
          'how many requests to send each time (default: 5, or 1 with --count; with --codec 40)',
          parseNumber,
        )
        .option(
          '--packet-interval <duration>',
          'from one request to the next (default: 200ms; with --codec 20ms)',
          parseDuration,
        )
        .option('--size <bytes>', 'bytes of data in each (default: 56)', parseNumber)
        .option('--ttl <number>', 'how many routers may pass them on', parseNumber)
        .option('--dscp <number>', 'differentiated services code point of the requests', parseNumber)
        .option(
          '--codec <name>',
          'say how a call would sound with this codec: g711, g711-plc, g729a-vad, g723.1-vad or gsm-efr; may be repeated',
          collect,
        )
        .option('--max-loss <fraction>', 'which part of them may be lost (default: 1)', parseNumber)
        .option('--max-rtt <milliseconds>', 'the longest average time that is good', parseNumber)
        .option('--tcp-port <port>', 'measure TCP handshakes with this port where ICMP is not permitted', parseNumber),
    examples: [
      ['netpause probe ping 192.0.2.1', 'five requests'],
      ['netpause probe ping 192.0.2.1 192.0.2.2 --count forever', 'a live screen; q ends it'],
      ['netpause probe ping 192.0.2.1 --codec g711-plc --dscp 46', 'how a call would sound, by R and MOS'],
    ],
  },
  {
    name: 'trace',
    summary: 'Finds the way to a host, hop by hop.',
    target: 'name or address; with a port also host:port',
    addFlags: (command) =>
      command
        .option('--method <method>', 'udp, icmp or tcp (default: udp)')
        .option('--port <port>', 'port to send to (default: 33434 for udp, 80 for tcp)', collectAs(parseNumber))
        .option('--max-hops <number>', 'how many hops away the target may be (default: 30)', parseNumber)
        .option('--rounds <number>', 'how often each hop is asked (default: 3, or 1 with --count)', parseNumber)
        .option('--flows <number>', 'how many flows to send: several find several paths (default: 1)', parseNumber)
        .option('--names', 'names of all hops, by reverse DNS')
        .option('--dscp <number>', 'differentiated services code point of the probes', parseNumber),
    examples: [
      ['netpause probe trace 192.0.2.80', 'a table of hops'],
      ['netpause probe trace www.example.com --count forever --names', 'a live screen; q ends it'],
      ['netpause probe trace 192.0.2.80 --count 60 | grep "path changed"', 'lines in a pipe'],
      ['netpause probe trace www.example.com --method tcp --port 443 --flows 8', 'all paths of a balanced load'],
    ],
  },
  {
    name: 'bandwidth',
    summary: 'Measures TCP throughput against netpause bandwidth-server.',
    target: 'host:port',
    interval: '30s',
    addFlags: (command) =>
      command
        .option('--direction <direction>', 'download, upload or both (default: both)')
        .option('--duration <duration>', 'how long each direction is tested (default: 5s)', parseDuration)
        .option('--max-bytes <bytes>', 'how much each direction may move, such as 256MB (default: 256MiB)', parseBytes)
        .option('--streams <number>', 'TCP connections side by side (default: 1)', parseNumber)
        .option('--token-file <file>', `file with the token that the server wants (or by ${TOKEN_VARIABLE})`),
    examples: [
      ['netpause probe bandwidth 192.0.2.1:8757', 'both directions, five seconds each'],
      ['netpause probe bandwidth 192.0.2.1:8757 --max-bytes 50MB', 'with little traffic'],
      ['netpause probe bandwidth 192.0.2.1:8757 --count 96 --interval 15m --json', 'a day, for a program'],
    ],
  },
  {
    name: 'host',
    summary: 'Says how this host is: processors, memory, disks, interfaces. Asks nobody.',
    addFlags: (command) =>
      command
        .option(
          '--sample <duration>',
          'time over which rates are measured (default: 1s, with --count at most 0.8 of --interval)',
          parseDuration,
        )
        .option(
          '--disk <path>',
          'path whose file system to measure; may be repeated (default: what is mounted)',
          collect,
        )
        .option('--only <interface>', 'interface to report; may be repeated (default: all)', collect),
    examples: [
      ['netpause probe host', 'a report'],
      ['netpause probe host --count forever', 'a live screen; q ends it'],
      ['netpause probe host --count forever --interval 1m --json >> host.jsonl', 'for a program'],
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
  ['netpause probe trace www.example.com', 'a table of hops'],
];
