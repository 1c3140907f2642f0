import { runCommand } from '../../test/lab/command.js';
import { createLab, type Host, labSupport } from '../../test/lab/index.js';
import { BEYOND, openLan } from '../kernel/lan.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import type { Internet } from './programs/internet.js';

const TRIALS: Record<Scale, number> = { full: 25, quick: 1 };

const OURS = 'netpause';

const IMPORTS = [OURS, 'p-retry', 'cockatiel', 'async-retry', 'is-online', 'systeminformation'] as const;

/** Milliseconds that an import takes, each in a new process. */
export async function measureImports({ stage, scale }: Bench): Promise<readonly Row[]> {
  const program = await stage.program(new URL('./programs/import.ts', import.meta.url));
  const times = await inTurns(scale, IMPORTS, async (name) => {
    const { stdout } = await runCommand([process.execPath, program, name]);
    return Number(stdout);
  });
  return toRows('import', times);
}

const VERDICTS = [OURS, 'is-online', 'systeminformation'] as const;

/** The first that is-online asks, and no option names another. */
const NAME_SERVER = '208.67.222.222';
const WEB_PORT = 80;

/** Milliseconds from the start of the import until it is known that the network is there. */
export async function measureVerdicts(bench: Bench): Promise<readonly Row[]> {
  const support = await labSupport();
  if (!support.available) {
    bench.say(`no verdicts: ${support.reason}`);
    return [];
  }
  await using lab = await createLab();
  const { client, router } = await openLan(bench.stage, lab);
  await router.configure(['address', 'add', `${NAME_SERVER}/32`, 'dev', 'lo']);
  const internet = await bench.stage.spawn<Internet>(new URL('./programs/internet.ts', import.meta.url), {
    host: router,
  });
  await internet.call('listen', { port: WEB_PORT }, { address: NAME_SERVER });
  return toRows('first verdict', await inTurns(bench.scale, VERDICTS, (name) => judgeBy(bench, client, name)));
}

/**
 * A process that ends waits for the look-ups that it has begun, and those of is-online's web sites find no server: the system's resolver is
 * told to give up soon. That is after the verdict.
 */
const IMPATIENT = 'RES_OPTIONS=timeout:1 attempts:1';

async function judgeBy({ stage }: Bench, host: Host, name: (typeof VERDICTS)[number]): Promise<number> {
  const program = await stage.program(new URL(`./programs/verdict-${name}.ts`, import.meta.url));
  const { stdout } = await host.exec('env', [IMPATIENT, process.execPath, program, BEYOND, `${WEB_PORT}`]);
  return Number(stdout);
}

interface Times<Name> {
  readonly name: Name;
  readonly times: readonly number[];
}

async function inTurns<Name extends string>(
  scale: Scale,
  names: readonly Name[],
  measure: (name: Name) => Promise<number>,
): Promise<readonly Times<Name>[]> {
  // Once for nothing, which brings the files into the kernel's cache.
  for (const name of names) await measure(name);
  const rounds: number[][] = names.map(() => []);
  for (let trial = 0; trial < TRIALS[scale]; trial += 1) {
    for (const [index, name] of names.entries()) rounds[index]?.push(await measure(name));
  }
  return names.map((name, index) => ({ name, times: rounds[index] ?? [] }));
}

function toRows(name: string, all: readonly Times<string>[]): readonly Row[] {
  const ours = all.find((each) => each.name === OURS)?.times ?? [];
  return all
    .filter((each) => each.name !== OURS)
    .map(({ name: referenceName, times }) => compare({ name, unit: 'ms', ours, reference: times, referenceName }));
}
