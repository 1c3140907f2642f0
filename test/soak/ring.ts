import { parseArgs } from 'node:util';
import { type Fault, Faults } from '../kernel/ring/faults.js';
import { everyFault, randomFault } from '../kernel/ring/random-faults.js';
import { type RegistryName, RingLab } from '../kernel/ring/ring-lab.js';
import type { SeenChange } from '../kernel/ring/sight.js';
import { type Trial, Trials } from '../kernel/ring/trials.js';
import { seededRandom } from './seeded-random.js';

/**
 * Breaks the network of a ring of six members, its processes and its clocks, first each cable and each pair, then at random, and holds what members
 * and registry show against what was done. Ends with a table by kinds of faults and one line of JSON; with exit code 0 only when everything was
 * shown and mended within its bound (one check interval, the check's timeout and a second), nobody was blamed for another's outage, nothing that
 * was acknowledged is lost, every member is known again, and no process needs more than 150 MB.
 *
 *     npm run soak:ring -- --faults 500 --seed 1 [--interval 1000] [--cable tap] [--registries 2]
 *
 * It measures times: nothing else should run on the machine.
 */
const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '500' },
    seed: { type: 'string', default: `${Date.now() % 100_000}` },
    interval: { type: 'string', default: '1000' },
    cable: { type: 'string', default: 'veth' },
    registries: { type: 'string', default: '1' },
  },
});
const [count, seed, interval] = [Number(values.faults), Number(values.seed), Number(values.interval)];
if (!(count >= 1) || !Number.isInteger(seed) || !(interval >= 200)) {
  throw new Error('--faults takes a number from 1, --seed a whole one, --interval milliseconds from 200');
}
const registries: readonly RegistryName[] = values.registries === '2' ? ['first', 'second'] : ['first'];

/** How many times its bound is waited for what does not come. */
const PATIENCE = 6;
/** Milliseconds for which a fault may go on once it was shown. */
const LONGEST_HOLD = 1_500;
/** Kilobytes. */
const MOST_MEMORY = 150_000;
/** A member that could not run for so much of the time of a fault: that its times are over the bound says nothing. */
const STARVED = 0.3;

const random = seededRandom(seed);
await using ring = await RingLab.create({
  interval,
  store: 'redis',
  isBusy: true,
  cable: values.cable === 'tap' ? 'tap' : 'veth',
});
for (const registry of registries) await ring.startRegistry(registry);
await ring.startMembers(registries);
const trials = new Trials(ring, PATIENCE, registries);
await trials.settle();

const faults = new Faults(ring);
const planned = everyFault(ring, faults, registries);
const done: Trial[] = [];
const begin = performance.now();
for (let index = 0; index < count; index += 1) {
  const fault: Fault = planned[index] ?? randomFault(ring, faults, registries, random);
  const trial = await trials.run(fault, random() * LONGEST_HOLD);
  done.push(trial);
  if (!isGood(trial)) process.stderr.write(`${index + 1}: ${describe(trial)}\n`);
  if ((index + 1) % 50 === 0) process.stderr.write(`${index + 1} faults after ${minutes()} minutes\n`);
}
const orphans = await missing();
const peaks = Object.fromEntries(ring.measure());
const summary = {
  faults: done.length,
  seed,
  interval,
  minutes: minutes(),
  shownInTime: done.filter(({ shown }) => shown.ratio <= 1).length,
  healedInTime: done.filter(({ healed }) => healed.ratio <= 1).length,
  lateWhileStarved: done.filter((trial) => isLate(trial) && trial.starvation > STARVED).length,
  falseBlame: sum(({ falseBlame }) => falseBlame.length),
  blameWhileStarved: sum(({ starvedBlame }) => starvedBlame.length),
  withheld: sum(({ withheld }) => withheld.length),
  problems: sum(({ problems }) => problems.length),
  orphans,
  peakKilobytes: peaks,
};
process.stdout.write(`${table()}\n${JSON.stringify(summary)}\n`);
const isSmall = Object.values(peaks).every((kilobytes) => kilobytes <= MOST_MEMORY);
process.exitCode = done.every(isGood) && orphans === 0 && isSmall ? 0 : 1;

function isLate({ shown, healed }: Trial): boolean {
  return shown.ratio > 1 || healed.ratio > 1;
}

function isGood(trial: Trial): boolean {
  const { falseBlame, withheld, problems } = trial;
  return !isLate(trial) && falseBlame.length + withheld.length + problems.length === 0;
}

function describe({ fault, mendedAt, shown, healed, falseBlame, withheld, starvation, problems }: Trial): string {
  const time = ({ milliseconds, ratio, what }: Trial['shown']) =>
    `${milliseconds.toFixed(0)} ms (${ratio.toFixed(2)}: ${what})`;
  const said = ({ source, target, check, view, reason, at }: SeenChange) =>
    `${check} of ${target} by ${source}: ${reason} (${view}, ${(at - mendedAt).toFixed(0)} ms after it was mended)`;
  const lines = [
    `${fault.name}: shown ${time(shown)}, healed ${time(healed)}, starved ${starvation.toFixed(2)}`,
    ...falseBlame.slice(0, 5).map((each) => `blamed: ${said(each)}`),
    ...withheld.slice(0, 5).map((each) => `withheld: ${said(each)}`),
    ...problems.slice(0, 5),
  ];
  return lines.join('\n    ');
}

/** Members whose process runs and that a registry does not know. */
async function missing(): Promise<number> {
  const known = await Promise.all(registries.map((name) => ring.known(name)));
  return known.reduce((lost, ids) => lost + [...ring.members.keys()].filter((id) => !ids.includes(id)).length, 0);
}

function table(): string {
  const kinds = [...new Set(done.map(({ fault }) => fault.kind))];
  const rows = kinds.map((kind) => {
    const of = done.filter(({ fault }) => fault.kind === kind);
    const times = (which: 'shown' | 'healed') => {
      const ratios = of.map((trial) => trial[which].ratio).sort((a, b) => a - b);
      const at = (part: number) =>
        (ratios[Math.min(ratios.length - 1, Math.floor(part * ratios.length))] ?? 0).toFixed(2);
      return `${at(0.5)} / ${at(0.95)} / ${at(1)}`;
    };
    return `${kind.padEnd(18)} ${String(of.length).padStart(5)}   ${times('shown').padEnd(20)} ${times('healed')}`;
  });
  return [
    'fault              count   shown, of its bound  healed, of its bound (median / 95 % / longest)',
    ...rows,
  ].join('\n');
}

function sum(of: (trial: Trial) => number): number {
  return done.reduce((total, trial) => total + of(trial), 0);
}

function minutes(): number {
  return Math.round((performance.now() - begin) / 6_000) / 10;
}
