import type { Command } from 'commander';
import { parseBytes } from '../options/bytes.js';
import { parseDuration } from '../options/duration.js';
import { type ExitCode, examples, exitCodes } from '../options/help.js';
import { collect } from '../options/list.js';
import { parseNumber } from '../options/number.js';
import { TOKEN_VARIABLE } from '../options/token.js';
import type { BandwidthServerFlags } from './bandwidth-server.js';

/** Adds `netpause bandwidth-server`. */
export function addBandwidthServerCommand(program: Command, report: (exitCode: number) => void): void {
  program
    .command('bandwidth-server')
    .summary('answer the bandwidth tests of other hosts')
    .description(
      'Serves bandwidth tests, one at a time on each link, to whom it is told to. Who asks is not to be trusted: what one test and one client may take is bounded.',
    )
    .option('--host <address>', 'address to listen on; 0.0.0.0 or :: for all (default: 127.0.0.1)')
    .option('--port <port>', 'port to listen on; 0 for any that is free (default: 8757)', parseNumber)
    .option(
      '--allow <network>',
      'address or network of clients that are served; may be repeated (default: this host alone)',
      collect,
    )
    .option('--token-file <file>', `file with the token that clients must know (or by ${TOKEN_VARIABLE})`)
    .optionsGroup('How much one may take:')
    .option('--max-bytes <bytes>', 'bytes that one test may move, such as 500MB (default: 1GiB)', parseBytes)
    .option('--max-duration <duration>', 'time after which a test is ended (default: 1m)', parseDuration)
    .option('--lease-timeout <duration>', 'silence after which a test is given up (default: 5s)', parseDuration)
    .option('--max-size <mebibytes>', 'what a plain HTTP client may download (default: 10)', parseNumber)
    .option('--tests-per-minute <number>', 'tests that one client may begin in a minute (default: 10)', parseNumber)
    .action(async (flags: BandwidthServerFlags) => {
      const { bandwidthServer } = await import('./bandwidth-server.js');
      report(await bandwidthServer(flags));
    })
    .addHelpText('after', exitCodes(EXIT_CODES))
    .addHelpText(
      'after',
      examples([
        ['netpause bandwidth-server', 'for this host alone'],
        ['netpause bandwidth-server --host 0.0.0.0 --allow 192.0.2.0/24', 'for a network'],
        ['netpause bandwidth-server --host :: --allow ::/0 --token-file token.txt', 'for all who know the token'],
      ]),
    );
}

const EXIT_CODES: readonly ExitCode[] = [
  ['0', 'it was stopped by a signal, and has ended what was in flight'],
  ['2', 'it cannot listen there, or the usage is wrong'],
];
