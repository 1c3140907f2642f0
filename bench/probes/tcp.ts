import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../test/lab/index.js';
import { anonymousMemoryOf, costBetween, costOf } from '../kernel/process-cost.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import { CommandProcess, isInstalled } from './command-process.js';
import { loopbackAddresses, watch } from './ping.js';
import type { Acceptor } from './programs/acceptor.js';
import type { Prober, Tally } from './programs/prober.js';
import type { Scraper } from './programs/scraper.js';

const ACCEPTOR = new URL('./programs/acceptor.ts', import.meta.url);
const PROBER = new URL('./programs/prober.ts', import.meta.url);
const SCRAPER = new URL('./programs/scraper.ts', import.meta.url);

const PORT = 7_000;
const EXPORTER_PORT = 9_115;

/** As Debian's package brings it; it has a module `tcp_connect`. */
const EXPORTER_CONFIGURATION = '--config.file=/etc/prometheus/blackbox.yml';

const AT_ONCE = 64;
const SECONDS: Record<Scale, number> = { full: 4, quick: 0.3 };
const TURNS: Record<Scale, number> = { full: 3, quick: 1 };

/** As many TCP probes as one core makes, beside bare connects; and whether the memory stays what it is. */
export async function measureTcpRate({ scale, stage }: Bench, host: Host): Promise<readonly Row[]> {
  await using acceptor = await stage.spawn<Acceptor>(ACCEPTOR, { host });
  await acceptor.call('listen', PORT);
  await using prober = await stage.spawn<Prober>(PROBER, { host, execArgv: ['--expose-gc'] });
  const round = { target: `127.0.0.1:${PORT}`, atOnce: AT_ONCE, ms: SECONDS[scale] * 1_000 };
  const rate = async (method: 'tcp' | 'bareTcp') => {
    const before = costOf(prober.pid);
    const { probes, ok } = await prober.call(method, round);
    if (ok < probes) throw new Error(`${probes - ok} of ${probes} probes failed`);
    return (probes / costBetween(before, costOf(prober.pid)).cpu) * 1_000;
  };
  const memory = async () => {
    await prober.call('collect');
    return anonymousMemoryOf(prober.pid) / 1e6;
  };
  await rate('tcp');
  const [ours, bare]: [number[], number[]] = [[], []];
  const memoryBefore = await memory();
  for (let turn = 0; turn < TURNS[scale]; turn += 1) {
    ours.push(await rate('tcp'));
    bare.push(await rate('bareTcp'));
  }
  const memoryAfter = await memory();
  return [
    compare({
      name: 'TCP probes by one core',
      unit: 'per second',
      ours,
      reference: bare,
      referenceName: 'net.Socket, bare',
      target: { of: 'ours', atLeast: 5_000 },
    }),
    compare({
      name: 'anonymous memory after as many probes',
      unit: 'MB',
      ours: [memoryAfter],
      reference: [memoryBefore],
      referenceName: 'before',
      target: { of: 'difference', atMost: 4 },
    }),
  ];
}

/** As few as 200 would be 20 probes in the second that is watched, of which a tenth is two. */
const TARGETS: Record<Scale, number> = { full: 10_000, quick: 2_000 };
/** Milliseconds in which each target is probed once. */
const INTERVAL = 10_000;
const WATCHED: Record<Scale, number> = { full: 15, quick: 1 };
const FIRST_ROUND: Record<Scale, number> = { full: 3_000, quick: 100 };

/** Ten thousand targets every ten seconds, by a schedule in this process and by Debian's blackbox_exporter. */
export async function measureManyTargets(bench: Bench, host: Host): Promise<readonly Row[]> {
  const { scale, stage, say } = bench;
  await using acceptor = await stage.spawn<Acceptor>(ACCEPTOR, { host });
  await acceptor.call('listen', PORT);
  const targets = loopbackAddresses(TARGETS[scale]).map((address) => `${address}:${PORT}`);
  const ours = await costOfSchedule(bench, host, targets);
  const hasExporter = await isInstalled('prometheus-blackbox-exporter');
  if (!hasExporter) say('blackbox_exporter is not on this machine (Debian: prometheus-blackbox-exporter)');
  return [
    compare({
      name: `${targets.length} targets probed by TCP every ${INTERVAL / 1_000} s, processor time`,
      unit: '% of a core',
      ours: [ours],
      reference: hasExporter ? [await costOfExporter(bench, host, targets)] : [],
      referenceName: 'blackbox_exporter',
      target: { of: 'ratio', atMost: 1 },
    }),
  ];
}

async function costOfSchedule({ scale, stage }: Bench, host: Host, targets: readonly string[]): Promise<number> {
  await using prober = await stage.spawn<Prober>(PROBER, { host });
  await prober.call('start', targets, INTERVAL);
  const cpu = await watchAtWork(scale, prober.pid, targets, () => prober.call('tally'));
  await prober.call('stop');
  return cpu;
}

async function costOfExporter({ scale, stage }: Bench, host: Host, targets: readonly string[]): Promise<number> {
  const listen = `--web.listen-address=127.0.0.1:${EXPORTER_PORT}`;
  await using exporter = new CommandProcess(host, ['prometheus-blackbox-exporter', listen, EXPORTER_CONFIGURATION]);
  await using scraper = await stage.spawn<Scraper>(SCRAPER, { host });
  await listening(exporter);
  await scraper.call('start', EXPORTER_PORT, targets, INTERVAL);
  return await watchAtWork(scale, exporter.pid, targets, () => scraper.call('tally'));
}

/** What did less than it should has cost less than it should, and counts for nothing. */
async function watchAtWork(
  scale: Scale,
  pid: number,
  { length }: readonly string[],
  tally: () => Promise<Tally>,
): Promise<number> {
  await delay(FIRST_ROUND[scale]);
  const before = await tally();
  const begun = performance.now();
  const cpu = await watch(pid, WATCHED[scale]);
  const done = (await tally()).ok - before.ok;
  const wanted = (length / INTERVAL) * (performance.now() - begun);
  if (done < 0.9 * wanted) throw new Error(`only ${done} of ${Math.round(wanted)} probes succeeded`);
  return cpu;
}

async function listening(exporter: CommandProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (/Listening on|listening/i.test(exporter.output)) return;
    await delay(50);
  }
  throw new Error(`blackbox_exporter does not listen: ${exporter.output}`);
}
