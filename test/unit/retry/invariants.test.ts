import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { worldCommands } from './model/commands.js';
import { SITUATIONS, type Situation } from './model/situation.js';
import { World, type WorldPlan } from './model/world.js';

const worlds: fc.Arbitrary<WorldPlan & { readonly jitter: number }> = fc.record({
  believesReports: fc.boolean(),
  allowsTrials: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, fc.constant(false)),
  reportDelay: fc.constantFrom(0, 0, 150, 3000),
  countsOutages: fc.boolean(),
  flapping: fc.boolean(),
  jitter: fc.constantFrom(0, 0.5, 0.999),
});

const commands = fc.commands(worldCommands, { maxCommands: 30, size: 'max' });

/** So many that no situation is left out by chance; `NETPAUSE_INVARIANT_RUNS=20000` looks for longer. */
const RUNS = Number(process.env['NETPAUSE_INVARIANT_RUNS'] ?? 300);

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('keeps every invariant in any world, at every step', { timeout: 60_000 + RUNS * 100 }, async () => {
  const met = new Set<Situation>();
  await fc.assert(
    fc.asyncProperty(worlds, commands, async ({ jitter, ...plan }, happenings) => {
      // The gate draws the length of its rounds, and a run must be repeatable.
      vi.spyOn(Math, 'random').mockReturnValue(jitter);
      const world = new World(plan);
      await fc.asyncModelRun(() => ({ model: { calls: 0 }, real: world }), happenings);
      await world.finish();
      for (const situation of world.situations) met.add(situation);
    }),
    { numRuns: RUNS },
  );
  expect(SITUATIONS.filter((situation) => !met.has(situation))).toEqual([]);
});
