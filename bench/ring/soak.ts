import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { growth, type Sample } from '../../test/soak/trend.js';
import { openStage } from '../stage/index.js';
import { memoryOf, peakMemoryOf, SMALL_HEAP } from './memory.js';
import type { Loader } from './programs/load.js';
import type { RegistryHost } from './programs/registry.js';
import { LOADER, play, REGISTRY, totalOf } from './registry-load.js';

/**
 * A registry with a thousand members for as long as it is told, with all intervals compressed. Ends with one line of JSON, and with exit code 0 only
 * when nothing was refused and what the process holds has not grown.
 *
 *     npx tsx bench/ring/soak.ts --minutes 5 --speed 4
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    speed: { type: 'string', default: '4' },
    members: { type: 'string', default: '1000' },
  },
});
const [minutes, speed, members] = [Number(values.minutes), Number(values.speed), Number(values.members)];
if (!(minutes > 0) || !(speed > 0) || !(members > 1)) throw new Error('--minutes, --speed and --members take numbers');

/** The part of the time in which it warms up: heap and compiled code grow to what they need. */
const WARMING_UP = 1 / 3;
const SAMPLES = 60;
/** Megabytes (of 1,000,000 bytes) by which it may seem to grow: of the heap after a collection, and of all memory, whose reserves swing. */
const ALLOWED = { heap: 2, memory: 12 };

await using stage = await openStage('code');
const registry = await stage.spawn<RegistryHost>(REGISTRY, { execArgv: [...SMALL_HEAP, '--expose-gc'] });
const port = await registry.call('listen');
const loaders = await Promise.all([1, 2].map(() => stage.spawn<Loader>(LOADER)));
await play(loaders, { members, targets: members - 1 }, port, speed);
await Promise.all(loaders.map((loader) => loader.call('start')));

const duration = minutes * 60_000;
const [samples, heaps]: [Sample[], Sample[]] = [[], []];
let [asked, refused] = [0, 0];
const begun = performance.now();
for (let index = 0; index < SAMPLES; index += 1) {
  await delay(Math.max(0, begun + ((index + 1) * duration) / SAMPLES - performance.now()));
  const total = totalOf(await Promise.all(loaders.map((loader) => loader.call('take'))));
  asked += total.asked;
  refused += total.refused;
  const at = performance.now() - begun;
  if (at < duration * WARMING_UP) continue;
  samples.push({ at, value: memoryOf(registry.pid) });
  // Each collection hides what the process would hold without it: so only some, for the heap.
  if (index % 10 === 9) heaps.push({ at, value: (await registry.call('heap')) / 1e6 });
}
const result = {
  minutes,
  speed,
  members,
  asked,
  refused,
  memory: samples.at(-1)?.value ?? 0,
  mostMemory: peakMemoryOf(registry.pid),
  memoryGrowth: growth(samples),
  heap: heaps.at(-1)?.value ?? 0,
  heapGrowth: growth(heaps),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
const isFlat = result.memoryGrowth <= ALLOWED.memory && result.heapGrowth <= ALLOWED.heap;
process.exitCode = refused === 0 && isFlat ? 0 : 1;
await Promise.all(loaders.map((loader) => loader.stop()));
