import { createLab, type LabSupport } from '../../test/lab/index.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import { DIRECTIONS, type Direction, type Effort, Testers, type Throughputs } from './testers.js';

const EFFORT: Record<Scale, Effort> = { full: { seconds: 2, turns: 3 }, quick: { seconds: 0.2, turns: 1 } };

/** Megabits a second, and the network of the link. */
const LINKS: Record<Scale, readonly (readonly [rate: number, network: string])[]> = {
  full: [
    [10, '192.0.2'],
    [100, '198.51.100'],
    [1_000, '203.0.113'],
  ],
  quick: [[100, '198.51.100']],
};

/**
 * What of each byte that tbf counts is payload: of Ethernet's 1,500 bytes, IPv4 takes 20 and TCP 32, with time stamps; and tbf counts
 * Ethernet's own 14 as well (net/core/dev.c, qdisc_pkt_len_init).
 */
const PAYLOAD = (1_500 - 20 - 32) / (1_500 + 14);

/** Whether what is measured on a link with a known rate is that rate. */
export async function measureShapedLinks(bench: Bench, { tc }: Available): Promise<readonly Row[]> {
  if (!tc.available) {
    bench.say(`no links with a rate: ${tc.reason}`);
    return [];
  }
  await using lab = await createLab();
  const [client, server] = await Promise.all([lab.host('client'), lab.host('server')]);
  const rows: Row[] = [];
  for (const [rate, network] of LINKS[bench.scale]) {
    await lab.link(client, server, { addresses: [`${network}.1/24`, `${network}.2/24`], rate: rate * 1e6 });
  }
  await using testers = await Testers.open(bench, client, server);
  for (const [rate, network] of LINKS[bench.scale]) {
    for (const direction of DIRECTIONS) {
      const found = await testers.measure(`${network}.2`, direction, EFFORT[bench.scale]);
      rows.push(...judge(rate, direction, found));
    }
  }
  return rows;
}

type Available = Extract<LabSupport, { readonly available: true }>;

function judge(rate: number, direction: Direction, { oursSteady, theirs }: Throughputs): readonly Row[] {
  const name = `link of ${rate} Mbit/s, ${direction}`;
  const payload = rate * PAYLOAD;
  const megabits = (each: number) => each / 1e6;
  const distance = (each: number) => Math.abs(megabits(each) / payload - 1) * 100;
  const ours = oursSteady.map(megabits);
  const reference = theirs.map(megabits);
  return [
    compare({ name, unit: 'Mbit/s of payload', ours, reference: [payload], referenceName: 'rate less headers' }),
    compare({ name, unit: 'Mbit/s of payload', ours, reference, referenceName: 'iperf3' }),
    compare({
      name: `${name}, apart from the rate less headers`,
      unit: '%',
      ours: oursSteady.map(distance),
      reference: theirs.map(distance),
      referenceName: 'iperf3',
      target: { of: 'ours', atMost: 5 },
    }),
  ];
}
