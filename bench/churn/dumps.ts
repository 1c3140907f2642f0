import { Dialogue } from '../../test/lab/dialogue.js';
import { createLab, type Host } from '../../test/lab/index.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import type { Dumper } from './programs/dump.js';

const INTERFACES: Record<Scale, number> = { full: 10_000, quick: 200 };
const TRIALS: Record<Scale, number> = { full: 7, quick: 1 };

/** So many commands are handed to ip(8) at once. */
const BATCH = 1_000;

/** Milliseconds of each way. */
type Times = Record<'links' | 'interfaces' | 'ip' | 'C', number[]>;

export async function measureDumps({ stage, scale }: Bench): Promise<readonly Row[]> {
  await using lab = await createLab();
  const host = await lab.host('crowd');
  await addInterfaces(host, INTERFACES[scale]);
  const actor = await stage.spawn<Dumper>(new URL('./programs/dump.ts', import.meta.url), { host });
  const floor = new Dialogue('the dumper', host.namespace.command([await stage.cProgram(DUMPER)]), /^-?\d+ \d+$/);
  const times: Times = { links: [], interfaces: [], ip: [], C: [] };
  for (let trial = 0; trial < TRIALS[scale]; trial += 1) {
    for (const way of ['links', 'interfaces', 'ip'] as const) {
      const { milliseconds, count } = await actor.call(way);
      if (count < INTERFACES[scale]) throw new Error(`${way} has found ${count} interfaces of ${INTERFACES[scale]}`);
      times[way].push(milliseconds);
    }
    const { lastLine } = await floor.ask('dump');
    times.C.push(Number(lastLine.split(' ')[1]) / 1e6);
  }
  return toRows(times);
}

const DUMPER = new URL('../kernel/dumper.c', import.meta.url);

/** Of a kind that the kernel takes away quickly, all together: bridges hold up the whole machine for minutes. */
async function addInterfaces(host: Host, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n);
  for (let from = 0; from < count; from += BATCH) {
    const batch = numbers.slice(from, from + BATCH);
    await host.configure(
      ...batch.map((n) => ['link', 'add', 'name', `crowd${n}`, 'type', 'ifb']),
      ...batch.map((n) => ['address', 'add', `10.0.${n >> 8}.${n & 255}/32`, 'dev', `crowd${n}`]),
    );
  }
}

function toRows(times: Times): readonly Row[] {
  const unit = 'ms';
  return [
    compare({
      name: '10,000 interfaces, links only',
      unit,
      ours: times.links,
      reference: times.C,
      referenceName: 'C, undecoded',
    }),
    compare({
      name: '10,000 interfaces with addresses',
      unit,
      ours: times.interfaces,
      reference: times.ip,
      referenceName: 'ip -json address, parsed',
    }),
  ];
}
