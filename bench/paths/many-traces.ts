import { createLab, type Host } from '../../test/lab/index.js';
import { costBetween, costOf } from '../kernel/process-cost.js';
import { runTimes } from '../kernel/run-times.js';
import type { Bench, Scale } from '../part.js';
import { isInstalled } from '../probes/command-process.js';
import { compare, type Row } from '../row.js';
import { HOPS, openChain, targetOf } from './chain.js';
import type { Held, Tracer } from './programs/tracer.js';

const TRACER = new URL('./programs/tracer.ts', import.meta.url);

const PER_MINUTE = 500;
/** Milliseconds from one trace to the next. */
const INTERVAL = 60_000 / PER_MINUTE;

/** What one looks at: so many traces, and then what the process holds. */
const LOOKS: Record<Scale, number> = { full: 14, quick: 3 };
const TRACES_A_LOOK: Record<Scale, number> = { full: 60, quick: 4 };

/** Before, as fast as the tracer sends: heaps grow until they have what they need. */
const WARM_UPS = 3;
const WARM_UP: Record<Scale, number> = { full: 600, quick: 10 };
const WARM_UP_INTERVAL = 10;

const TARGETS = 16;

/** Five hundred traces a minute: whether the process stays as large as it is, and what it costs. */
export async function measureManyTraces(bench: Bench): Promise<readonly Row[]> {
  const { scale, stage } = bench;
  await using lab = await createLab();
  const chain = await openChain(lab);
  const targets = Array.from({ length: TARGETS }, (_, index) => `203.0.113.${index + 1}`);
  await chain.server.configure(...targets.map((address) => ['address', 'add', `${address}/32`, 'dev', 'lo']));
  await using tracer = await stage.spawn<Tracer>(TRACER, { host: chain.client, execArgv: ['--expose-gc'] });
  const trace = async (count: number, interval: number) => {
    const { distances } = await tracer.call('many', { targets, count, interval });
    return distances.filter((distance) => distance === HOPS).length;
  };
  for (let part = 0; part < WARM_UPS; part += 1) await trace(WARM_UP[scale], WARM_UP_INTERVAL);
  const looks: Held[] = [await tracer.call('held')];
  const shares: number[] = [];
  let found = 0;
  for (let look = 0; look < LOOKS[scale]; look += 1) {
    const before = { cpu: costOf(tracer.pid), at: performance.now() };
    found += await trace(TRACES_A_LOOK[scale], INTERVAL);
    const { cpu } = costBetween(before.cpu, costOf(tracer.pid));
    shares.push((cpu / (performance.now() - before.at)) * 100);
    looks.push(await tracer.call('held'));
  }
  const cpu = compare({
    name: `${TITLE}, processor time`,
    unit: '% of a core',
    ours: shares,
    reference: await shareOfTraceroute(bench, chain.client, targetOf(chain)),
    referenceName: 'as many traceroute -n',
  });
  return [completeness(found, LOOKS[scale] * TRACES_A_LOOK[scale]), ...flatness(looks), cpu];
}

const TITLE = `${PER_MINUTE} traces a minute, ${HOPS} hops`;

function completeness(found: number, begun: number): Row {
  return compare({
    name: `${TITLE}, found all of them`,
    unit: '% of traces',
    ours: [(found / begun) * 100],
    reference: [100],
    referenceName: 'begun',
    target: { of: 'ratio', atLeast: 1 },
  });
}

/** What is held by a process that holds nothing of what is over may grow by this much, in the row's unit; most of it is how exactly one can look. */
const MARGINS = { heap: 0.5, rss: 4 } as const;

function flatness(looks: readonly Held[]): readonly Row[] {
  const third = Math.ceil(looks.length / 3);
  const [first, last] = [looks.slice(0, third), looks.slice(-third)];
  const megabytes = (which: 'heap' | 'rss') => (held: Held) => held[which] / 1e6;
  const rowOf = (what: string, unit: string, figure: (held: Held) => number, atMost: number) =>
    compare({
      name: `${TITLE}, ${what} in the last third`,
      unit,
      ours: last.map(figure),
      reference: first.map(figure),
      referenceName: 'in the first',
      target: { of: 'difference', atMost },
    });
  return [
    rowOf('heap', 'MB', megabytes('heap'), MARGINS.heap),
    rowOf('resident memory', 'MB', megabytes('rss'), MARGINS.rss),
    rowOf('descriptors', 'open', ({ descriptors }) => descriptors, 0),
  ];
}

/** Without what their start takes from the program that starts them. */
async function shareOfTraceroute({ scale, stage }: Bench, client: Host, target: string): Promise<readonly number[]> {
  if (!(await isInstalled('traceroute'))) return [];
  const { cpu } = await runTimes(stage, client, ['traceroute', '-n', target], PROCESSES[scale]);
  return cpu.map((milliseconds) => (milliseconds / INTERVAL) * 100);
}

const PROCESSES: Record<Scale, number> = { full: 40, quick: 2 };
