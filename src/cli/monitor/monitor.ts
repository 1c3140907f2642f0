import { once } from 'node:events';
import { isIP } from 'node:net';
import { NetworkMonitor } from '../../monitor/index.js';
import { parseEndpoint } from '../../names/index.js';
import { ProbeSchedule, readTaskFile, TaskFileError, tasksFromFile } from '../../probes/index.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { type MonitorFlags, monitorOptionsOf } from '../options/monitor-flags.js';
import { say } from '../output.js';
import { printRecord } from '../probe/record-writer.js';
import { onSignals } from '../signals.js';
import { printable } from '../text/fit.js';
import { explain } from '../text/words.js';
import { Metrics } from './metrics.js';
import { json, type Listen, type Pages, plain, type Served, serve } from './serve.js';

/** The flags of `netpause monitor`. */
export interface MonitorCommandFlags extends MonitorFlags {
  readonly listen: string;
  readonly json?: boolean;
  readonly concurrency?: number;
  readonly rate?: number;
}

/** Probes the targets of a file until it is told to stop, and serves what comes of it. */
export async function monitor(file: string, flags: MonitorCommandFlags): Promise<number> {
  const listen = listenOf(flags.listen);
  const network = new NetworkMonitor(monitorOptionsOf(flags));
  const { concurrency, rate } = flags;
  const schedule = new ProbeSchedule({ monitor: network, concurrency, rate });
  await refuseBadFile(file);
  schedule.addSource(tasksFromFile(file));
  const stopping = new AbortController();
  const releases = [
    onSignals(['SIGTERM', 'SIGINT', 'SIGQUIT'], () => stopping.abort()),
    onSignals(['SIGHUP'], () => void reload(schedule, file)),
  ];
  const metrics = new Metrics(schedule);
  try {
    await metrics.open(network);
    report(schedule, flags);
    const served = await startServing(schedule, metrics, listen);
    await network.start();
    await schedule.start();
    say(`probing ${schedule.tasks.length} targets, serving on ${served.url}`);
    if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
    // What scrapes us may see the end of it.
    await schedule.stop();
    await served.close();
    return EXIT.ok;
  } finally {
    await schedule.stop();
    await network.stop();
    metrics.close();
    for (const release of releases) release();
  }
}

/** Where nothing is running yet, a file that cannot be used is worse than none. */
async function refuseBadFile(file: string): Promise<void> {
  try {
    await readTaskFile(file);
  } catch (error) {
    if (error instanceof TaskFileError) throw new CliError(printable(error.message), EXIT.usage, { cause: error });
    throw error;
  }
}

async function reload(schedule: ProbeSchedule, file: string): Promise<void> {
  await schedule.refresh();
  say(`read ${printable(file)} again: ${schedule.tasks.length} targets`);
}

/** Standard output has results and nothing else; what happens is said on standard error. */
function report(schedule: ProbeSchedule, { json: wanted }: MonitorCommandFlags): void {
  if (wanted === true) schedule.on('result', (event) => printRecord('json', event));
  schedule.on('error', (error) => say(explain(error)));
  schedule.on('crash', ({ task, error }) => say(`the probe ${printable(task.name)} is broken: ${explain(error)}`));
  schedule.on('dead', ({ name }) => say(`the probe ${printable(name)} gives no results any more`));
  schedule.on('paused', () => say('this host is offline: paused'));
  schedule.on('resumed', () => say('this host is online again: going on'));
}

async function startServing(schedule: ProbeSchedule, metrics: Metrics, listen: Listen): Promise<Served> {
  const pages: Pages = {
    '/': () => plain(200, 'netpause: /metrics /health /targets'),
    '/metrics': () => metrics.page(),
    '/health': () => {
      const health = schedule.health();
      const isWell = health.status === 'ok' || health.status === 'paused';
      return json(isWell ? 200 : 503, health);
    },
    '/targets': () => json(200, schedule.tasks),
  };
  try {
    return await serve(pages, listen);
  } catch (error) {
    throw new CliError(`--listen: ${explain(error)}`, EXIT.usage, { cause: error });
  }
}

/** @throws {CliError} */
function listenOf(text: string): Listen {
  const port = /^:(\d{1,5})$/.exec(text)?.[1];
  if (port !== undefined) return { host: '127.0.0.1', port: Number(port) };
  const anyPort = /^(.*):0$/.exec(text)?.[1];
  const endpoint = anyPort === undefined ? parseEndpoint(text) : { host: anyPort.replace(/^\[|\]$/g, ''), port: 0 };
  const { host, port: given } = endpoint ?? {};
  if (host === undefined || given === undefined || (isIP(host) === 0 && host !== 'localhost')) {
    throw new CliError(`--listen must be address:port, but is '${printable(text)}'`, EXIT.usage);
  }
  return { host, port: given };
}
