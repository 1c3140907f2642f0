import type { Chain } from '../../test/kernel/probes/paths/chain.js';
import { type Actor, createLab } from '../../test/lab/index.js';
import { type RunTimes, runTimes } from '../kernel/run-times.js';
import type { Bench, Scale } from '../part.js';
import { isInstalled } from '../probes/command-process.js';
import { compare, type Row, type Target } from '../row.js';
import { HOPS, hopsIn, openChain, targetOf } from './chain.js';
import { race } from './contest.js';
import { METHODS, ONE_FLOW } from './methods.js';
import type { Tracer } from './programs/tracer.js';

const TRACER = new URL('./programs/tracer.ts', import.meta.url);
const ONE_TRACE = new URL('./programs/one-trace.ts', import.meta.url);

const TURNS: Record<Scale, number> = { full: 100, quick: 3 };
/** Before, in which code becomes warm. */
const WARM_UP: Record<Scale, number> = { full: 60, quick: 1 };
const PROCESSES: Record<Scale, number> = { full: 20, quick: 1 };

const THREE_TIMES_FASTER: Target = { of: 'ratio', atMost: 0.333 };

/** How long a trace takes where a round trip takes next to nothing. */
export async function measureTraceTime(bench: Bench): Promise<readonly Row[]> {
  const { scale, stage, say } = bench;
  if (!(await isInstalled('traceroute'))) {
    say('traceroute is not on this machine (Debian: traceroute)');
    return [];
  }
  await using lab = await createLab();
  const chain = await openChain(lab);
  await using tracer = await stage.spawn<Tracer>(TRACER, { host: chain.client, execArgv: ['--expose-gc'] });
  const rows: Row[] = [];
  for (const method of [...METHODS, ONE_FLOW]) {
    const contest = { ...method, name: `${HOPS} hops ${method.name}`, target: targetOf(chain), hops: hopsIn(chain) };
    await race(bench, tracer, contest, WARM_UP[scale]);
    const { ours, theirs } = await race(bench, tracer, contest, TURNS[scale]);
    rows.push(
      compare({
        name: contest.name,
        unit: 'ms',
        ours,
        reference: theirs,
        referenceName: `${commandOf(method.flags)} from Node`,
        ...(method !== ONE_FLOW && { target: THREE_TIMES_FASTER }),
      }),
    );
  }
  return [...rows, ...(await compareProcesses(bench, chain, tracer))];
}

/** The same from a shell's point of view, to which netpause is a program as well; and traceroute without what its start takes from Node. */
async function compareProcesses(bench: Bench, chain: Chain, tracer: Actor<Tracer>): Promise<readonly Row[]> {
  const { scale, stage } = bench;
  const node = [process.execPath, await stage.program(ONE_TRACE), targetOf(chain), ...hopsIn(chain)] as const;
  const ours: number[] = [];
  const fresh: number[] = [];
  const theirs: RunTimes[] = [];
  const starts: RunTimes[] = [];
  for (let turn = 0; turn < PROCESSES[scale]; turn += 1) {
    ours.push((await tracer.call('trace', targetOf(chain), {})).ms);
    fresh.push(...(await runTimes(stage, chain.client, node, 1)).elapsed);
    theirs.push(await runTimes(stage, chain.client, ['traceroute', '-n', targetOf(chain)], 2));
    starts.push(await runTimes(stage, chain.client, ['traceroute', '--version'], 2));
  }
  const reference = elapsedOf(theirs);
  const name = `${HOPS} hops by UDP`;
  return [
    compare({ name, unit: 'ms', ours, reference, referenceName: 'traceroute -n, started by a C program' }),
    compare({ name, unit: 'ms', ours, reference: elapsedOf(starts), referenceName: 'of that, traceroute --version' }),
    compare({
      name: `${name}, a new process of Node for each`,
      unit: 'ms',
      ours: fresh,
      reference,
      referenceName: 'traceroute -n, started by a C program',
    }),
  ];
}

function elapsedOf(runs: readonly RunTimes[]): readonly number[] {
  return runs.flatMap(({ elapsed }) => elapsed);
}

function commandOf(flags: readonly string[]): string {
  return ['traceroute', '-n', ...flags].join(' ');
}
