import type { Bench, Part } from '../part.js';
import { compare, type Row } from '../row.js';
import { CHECKOUT } from '../stage/checkout.js';
import { installedFootprint, publishedFootprint } from './footprint.js';
import { measureImports, measureVerdicts } from './start.js';

/** What it takes to have it, and to begin. */
export const install: Part = {
  name: 'install',
  title: 'Installed and started',
  async run(bench) {
    return [...(await measureFootprints(bench)), ...(await measureImports(bench)), ...(await measureVerdicts(bench))];
  },
};

const OTHERS = ['p-retry', 'cockatiel', 'async-retry', 'is-online', 'systeminformation'];

async function measureFootprints({ stage }: Bench): Promise<readonly Row[]> {
  const ours = await publishedFootprint(stage.packageFolder);
  const others = await Promise.all(
    OTHERS.map(async (name) => ({ name, footprint: await installedFootprint(name, CHECKOUT) })),
  );
  return [
    ...others.map(({ name, footprint }) =>
      compare({
        name: 'installed size',
        unit: 'MB',
        ours: [ours.bytes / 1e6],
        reference: [footprint.bytes / 1e6],
        referenceName: name,
      }),
    ),
    ...others.map(({ name, footprint }) =>
      compare({
        name: 'packages installed',
        unit: 'packages',
        ours: [ours.packages],
        reference: [footprint.packages],
        referenceName: name,
      }),
    ),
  ];
}
