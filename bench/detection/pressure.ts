import { setTimeout as delay } from 'node:timers/promises';
import { createLab, type Host, type Lab } from '../../test/lab/index.js';
import { Changer } from '../kernel/changer.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import { type Contender, lineContender, nodeContender } from './contender.js';
import { FLOOR, latenciesOf, milliseconds, missedBy, OURS, type Samples, toSamples } from './samples.js';

/** So many cables at once for each contender, each by itself: a trial takes more than a second, most of it waiting. */
const LANES: Record<Scale, number> = { full: 5, quick: 1 };
const ROUNDS: Record<Scale, number> = { full: 40, quick: 1 };

/** What is lost, for how many milliseconds: longer than the kernel may hold its own word back, and much shorter. */
const OUTAGES = [
  { name: 'carrier lost, linkwatch busy', lasting: 1_100 },
  { name: 'carrier lost for 150 ms, linkwatch busy', lasting: 150 },
] as const;

/** Milliseconds until the next, in which the carrier is there. */
const RECOVERY = 250;

interface Lane {
  readonly contender: Contender;
  setCarrier(carrier: 'on' | 'off'): Promise<{ readonly before: bigint }>;
}

/**
 * The kernel lets changes of carrier through once a second at most, for all devices of all namespaces together (net/core/link_watch.c). One
 * that flaps keeps it busy, and the cables of the contenders lose their carrier meanwhile.
 */
export async function measureUnderPressure(bench: Bench): Promise<readonly Samples[]> {
  await using lab = await createLab();
  const numbers = Array.from({ length: LANES[bench.scale] }, (_, n) => n);
  const ours = await Promise.all(numbers.map((n) => ourLane(bench, lab, n)));
  const floor = await floorLanes(bench, lab, numbers);
  const lanes = [...ours, ...floor];
  await Promise.all(lanes.map(({ contender }) => contender.begin()));
  const flapping = new AbortController();
  const flapper = flap(bench, lab, flapping.signal);
  const samples: Samples[] = [];
  for (let round = 0; round < ROUNDS[bench.scale]; round += 1) {
    for (const { name, lasting } of OUTAGES) {
      const trials = lanes.map(async (lane) => toSamples(lane.contender.name, name, [await tryOnce(lane, lasting)]));
      samples.push(...(await Promise.all(trials)));
    }
  }
  flapping.abort();
  await flapper;
  return samples;
}

async function ourLane({ stage }: Bench, lab: Lab, n: number): Promise<Lane> {
  const host = await lab.host(`lane${n}`);
  const setCarrier = await openTap({ stage }, host, 'eth0', '192.0.2.2/24');
  await host.defaultRoute('192.0.2.1');
  const program = new URL('./programs/netpause.ts', import.meta.url);
  // Nobody is at the other end of these cables: the kernel's word alone decides, as in the reader.
  const contender = await nodeContender({ stage, host }, { name: OURS, program, options: { isWorking: true } });
  return { contender, setCarrier };
}

async function floorLanes({ stage }: Bench, lab: Lab, numbers: readonly number[]): Promise<readonly Lane[]> {
  const host = await lab.host('readers');
  const reader = await stage.cProgram(new URL('../kernel/reader.c', import.meta.url));
  return Promise.all(
    numbers.map(async (n) => ({
      setCarrier: await openTap({ stage }, host, `eth${n}`, `198.51.100.${n + 1}/32`),
      contender: lineContender(host, FLOOR, [reader, `eth${n}`]),
    })),
  );
}

async function openTap(
  { stage }: Pick<Bench, 'stage'>,
  host: Host,
  name: string,
  address: string,
): Promise<Lane['setCarrier']> {
  const changer = await Changer.open(stage, host);
  await changer.change(`tap ${name}`);
  await host.configure(['address', 'add', address, 'dev', name], ['link', 'set', 'dev', name, 'up']);
  return (carrier) => changer.change(`carrier ${name} ${carrier}`);
}

async function flap({ stage }: Bench, lab: Lab, signal: AbortSignal): Promise<void> {
  const host = await lab.host('flapper');
  const changer = await Changer.open(stage, host);
  await changer.change('tap eth0');
  await host.configure(['link', 'set', 'dev', 'eth0', 'up']);
  while (!signal.aborted) await changer.change('flap eth0 100');
}

async function tryOnce({ contender, setCarrier }: Lane, lasting: number): Promise<number | undefined> {
  await delay(Math.random() * RECOVERY);
  const { before } = await setCarrier('off');
  const [at] = await Promise.all([
    contender.said('down', before, lasting + RECOVERY / 2),
    delay(lasting).then(() => setCarrier('on')),
  ]);
  await delay(RECOVERY);
  return at === undefined ? undefined : milliseconds(before, at);
}

export function toPressureRows(samples: readonly Samples[]): readonly Row[] {
  return OUTAGES.flatMap(({ name }) => {
    const of = samples.filter(({ fault }) => fault === name);
    const common = {
      ours: latenciesOf(of, OURS, name),
      reference: latenciesOf(of, FLOOR, name),
      referenceName: FLOOR,
      unit: 'ms',
    };
    const missed = {
      name: `${name}: missed`,
      unit: 'changes',
      ours: [missedBy(of, OURS)],
      reference: [missedBy(of, FLOOR)],
      referenceName: FLOOR,
      target: { of: 'ours', atMost: 0 },
    } as const;
    return [
      compare({ ...common, name: `${name}: median` }),
      compare({ ...common, name: `${name}: 99th percentile`, percentile: 99, target: { of: 'ours', atMost: 100 } }),
      { ...compare(missed), trials: of.filter(({ contender }) => contender === OURS).length },
    ];
  });
}
