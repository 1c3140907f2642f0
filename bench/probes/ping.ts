import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../test/lab/index.js';
import { costBetween, costOf } from '../kernel/process-cost.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import { CommandProcess, isInstalled } from './command-process.js';
import type { Prober } from './programs/prober.js';

const TARGETS: Record<Scale, number> = { full: 1_000, quick: 50 };
/** Seconds that are watched in each turn, and how many turns there are. */
const WATCHED: Record<Scale, number> = { full: 8, quick: 1 };
const TURNS: Record<Scale, number> = { full: 2, quick: 1 };
/** Seconds before, in which code becomes warm, and after. */
const MARGIN = 1;

const PROBER = new URL('./programs/prober.ts', import.meta.url);

interface Measured {
  /** Percent of a core. */
  readonly cpu: number[];
  /** Milliseconds. */
  readonly rtts: number[];
}

/** A thousand addresses of the loopback, pinged once a second. */
export async function measurePing({ scale, stage, say }: Bench, host: Host): Promise<readonly Row[]> {
  const targets = loopbackAddresses(TARGETS[scale]);
  const ours: Measured = { cpu: [], rtts: [] };
  const fpings: Measured = { cpu: [], rtts: [] };
  const hasFping = await isInstalled('fping');
  if (!hasFping) say('fping is not on this machine (Debian: fping)');
  await using prober = await stage.spawn<Prober>(PROBER, { host, execArgv: ['--expose-gc'] });
  await prober.call('ping', targets, 1);
  for (let turn = 0; turn < TURNS[scale]; turn += 1) {
    const pinging = prober.call('ping', targets, WATCHED[scale] + 2 * MARGIN);
    ours.cpu.push(await watch(prober.pid, WATCHED[scale]));
    ours.rtts.push(...(await pinging));
    if (!hasFping) continue;
    fpings.cpu.push(await costOfFping(host, targets, WATCHED[scale]));
    fpings.rtts.push(...(await rttsOfFping(host, targets, WATCHED[scale])));
  }
  const title = `${targets.length} targets pinged at 1 Hz`;
  return [
    compare({
      name: `${title}, processor time`,
      unit: '% of a core',
      ours: ours.cpu,
      reference: fpings.cpu,
      referenceName: 'fping',
      target: { of: 'ratio', atMost: 2 },
    }),
    compare({
      name: `${title}, round trip, median`,
      unit: 'ms',
      ours: ours.rtts,
      reference: fpings.rtts,
      referenceName: 'fping',
      target: { of: 'difference', atMost: 0.02 },
    }),
  ];
}

/** @returns percent of a core, once what has just begun has run for a moment. */
export async function watch(pid: number, seconds: number): Promise<number> {
  await delay(MARGIN * 1_000);
  const before = { at: performance.now(), cost: costOf(pid) };
  await delay(seconds * 1_000);
  const { cpu } = costBetween(before.cost, costOf(pid));
  return (cpu / (performance.now() - before.at)) * 100;
}

/** 127.0.0.1 and on; all of 127/8 is the host itself. */
export function loopbackAddresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const [high, middle, low] = [Math.floor(index / 254 ** 2), Math.floor(index / 254) % 254, (index % 254) + 1];
    return `127.${high}.${middle}.${low}`;
  });
}

async function costOfFping(host: Host, targets: readonly string[], seconds: number): Promise<number> {
  await using fping = new CommandProcess(host, ['fping', '-l', '-q', '-p', '1000', '-i', '1', ...targets]);
  return await watch(fping.pid, seconds);
}

async function rttsOfFping(host: Host, targets: readonly string[], count: number): Promise<readonly number[]> {
  await using fping = new CommandProcess(host, ['fping', '-C', `${count}`, '-q', '-p', '1000', '-i', '1', ...targets]);
  await fping.ended();
  // `127.0.0.1 : 0.012 - 0.010`, a dash for what was lost.
  return fping.output
    .split('\n')
    .flatMap((line) => (line.split(' : ')[1] ?? '').trim().split(/\s+/).map(Number).filter(Number.isFinite));
}
