import { createLab, labSupport } from '../../test/lab/index.js';
import { openLan } from '../kernel/lan.js';
import { type Bench, type Part, PartUnavailableError } from '../part.js';
import type { Row } from '../row.js';
import { directContenders, measureDirectly, toDirectRows } from './direct.js';
import { measureIntervals, toIntervalRows } from './intervals.js';
import { measureUnderPressure, toPressureRows } from './pressure.js';

/** How long after a change in the kernel JavaScript knows of it. */
export const detection: Part = {
  name: 'detection',
  title: 'From a change in the kernel to the state event',
  async run(bench) {
    const support = await labSupport();
    if (!support.available) throw new PartUnavailableError(support.reason);
    const { idle, rows } = await direct(bench);
    const intervals = toIntervalRows(idle, await measureIntervals(bench));
    if (support.tap.available) return [...rows, ...intervals, ...toPressureRows(await measureUnderPressure(bench))];
    bench.say(`without linkwatch pressure: ${support.tap.reason}`);
    return [...rows, ...intervals];
  },
  shown: ({ name }) => name.endsWith(': median'),
};

async function direct(bench: Bench) {
  await using lab = await createLab();
  const lan = await openLan(bench.stage, lab);
  const idle = await measureDirectly(bench, lan, await directContenders(bench, lan, 'idle'));
  const busy = await measureDirectly(bench, lan, await directContenders(bench, lan, 'half busy'));
  const rows: readonly Row[] = [...toDirectRows('', idle), ...toDirectRows(', loop half busy', busy)];
  return { idle, rows };
}
