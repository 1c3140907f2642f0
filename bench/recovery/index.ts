import { createLab, type Lab, labSupport } from '../../test/lab/index.js';
import { BEYOND, openLan } from '../kernel/lan.js';
import { type Bench, type Part, PartUnavailableError } from '../part.js';
import { measureAlone } from './alone.js';
import type { Contestant } from './contestant.js';
import { measureCrowds } from './crowds.js';
import type { Server } from './programs/server.js';
import { toRows } from './rows.js';
import type { Worker } from './worker.js';

/** How long after the way is whole again work goes on. */
export const recovery: Part = {
  name: 'recovery',
  title: 'From the network being back to the next attempt',
  async run(bench) {
    const support = await labSupport();
    if (!support.available) throw new PartUnavailableError(support.reason);
    await using lab = await createLab();
    const contestants: Contestant[] = [];
    // Each on a network of its own: a connect into a dead link keeps the kernel's neighbour table waiting, for everybody on the host.
    for (const library of LIBRARIES) contestants.push(await open(bench, lab, library));
    const [ours] = contestants;
    if (ours === undefined) throw new RangeError('there is nobody to measure');
    // First the few outages: after the many, netpause rightly takes the network for a flapping one, and lets work go on one by one.
    const crowds = await measureCrowds(bench, contestants);
    return toRows(await measureAlone(bench, ours), crowds);
  },
  shown: ({ unit }) => unit === 'ms',
};

const PORT = 8080;

/** Ours is the first. */
const LIBRARIES = ['netpause', 'p-retry', 'cockatiel', 'async-retry', 'aws-sdk'] as const;

async function open({ stage }: Bench, lab: Lab, library: (typeof LIBRARIES)[number]): Promise<Contestant> {
  const lan = await openLan(stage, lab, library);
  const server = await stage.spawn<Server>(new URL('./programs/server.ts', import.meta.url), { host: lan.router });
  await server.call('listen', PORT);
  const program = new URL(`./programs/${library}.ts`, import.meta.url);
  const worker = await stage.spawn<Worker>(program, { host: lan.client });
  await worker.call('open', `http://${BEYOND}:${PORT}`);
  return { library, lan, worker };
}
