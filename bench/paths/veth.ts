import { createLab } from '../../test/lab/index.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import { DIRECTIONS, type Effort, Testers } from './testers.js';

const EFFORT: Record<Scale, Effort> = { full: { seconds: 1, turns: 7 }, quick: { seconds: 0.2, turns: 1 } };

/** How fast one stream is where nothing but the two processors limit it. */
export async function measureVeth(bench: Bench): Promise<readonly Row[]> {
  await using lab = await createLab();
  const [client, server] = await Promise.all([lab.host('client'), lab.host('server')]);
  await lab.link(client, server, { addresses: ['192.0.2.1/24', '192.0.2.2/24'] });
  await using testers = await Testers.open(bench, client, server);
  const rows: Row[] = [];
  for (const direction of DIRECTIONS) {
    const { ours, theirs } = await testers.measure('192.0.2.2', direction, EFFORT[bench.scale]);
    const gigabits = (each: number) => each / 1e9;
    rows.push(
      compare({
        name: `veth pair, ${direction} by one stream`,
        unit: 'Gbit/s',
        ours: ours.map(gigabits),
        reference: theirs.map(gigabits),
        referenceName: 'iperf3',
        target: { of: 'ratio', atLeast: 0.6 },
      }),
    );
  }
  return rows;
}
