import type { Command } from 'commander';
import { type ExitCode, examples, exitCodes } from '../options/help.js';
import { addMonitorFlags } from '../options/monitor-flags.js';
import { parseNumber } from '../options/number.js';
import type { MonitorCommandFlags } from './monitor.js';

/** Adds `netpause monitor`. */
export function addMonitorCommand(program: Command, report: (exitCode: number) => void): void {
  const command = program
    .command('monitor')
    .summary('probe the targets of a file, with an endpoint for Prometheus')
    .description(
      'Probes the targets of a file again and again, and serves what comes of it: /metrics for Prometheus, /health for an orchestrator, /targets for people. The file is read again when it changes, and on SIGHUP.',
    )
    .argument('<file>', 'tasks in YAML or JSON')
    .option('--listen <address:port>', 'where to serve; port 0 for any that is free', '127.0.0.1:9400')
    .option('--json', 'print every result as one line of JSON')
    .option('--concurrency <number>', 'how many probes are in flight at once (default: 500)', parseNumber)
    .option('--rate <number>', 'how many probes start in a second (default: any number)', parseNumber)
    .action(async (file: string, flags: MonitorCommandFlags) => {
      const { monitor } = await import('./monitor.js');
      report(await monitor(file, flags));
    });
  addMonitorFlags(command)
    .addHelpText('after', exitCodes(EXIT_CODES))
    .addHelpText(
      'after',
      examples([
        ['netpause monitor monitor.yaml', 'metrics on http://127.0.0.1:9400/metrics'],
        ['netpause monitor monitor.yaml --listen 0.0.0.0:9400', 'for a Prometheus elsewhere'],
        ['netpause monitor monitor.yaml --json >> results.jsonl', ''],
      ]),
    );
}

const EXIT_CODES: readonly ExitCode[] = [
  ['0', 'it was stopped by SIGTERM or SIGINT, and has ended what was in flight'],
  ['2', 'the file cannot be used, or the usage is wrong'],
];
