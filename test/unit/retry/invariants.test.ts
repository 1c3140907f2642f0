import fc from 'fast-check';
import { afterEach, it, vi } from 'vitest';
import { worldCommands } from './model/commands.js';
import { World, type WorldPlan } from './model/world.js';

const worlds: fc.Arbitrary<WorldPlan & { readonly jitter: number }> = fc.record({
  believesReports: fc.boolean(),
  allowsTrials: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, fc.constant(false)),
  reportDelay: fc.constantFrom(0, 0, 150, 3000),
  flapping: fc.boolean(),
  jitter: fc.constantFrom(0, 0.5, 0.999),
});

/** `NETPAUSE_INVARIANT_RUNS=20000 npx vitest run test/unit/retry/invariants.test.ts` looks for longer. */
const RUNS = Number(process.env['NETPAUSE_INVARIANT_RUNS'] ?? 300);

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('keeps every invariant in any world, at every step', { timeout: 60_000 + RUNS * 100 }, async () => {
  const situations = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(worlds, fc.commands(worldCommands, { maxCommands: 30, size: 'max' }), async ({ jitter, ...plan }, commands) => {
      vi.spyOn(Math, 'random').mockReturnValue(jitter);
      const world = new World(plan);
      await fc.asyncModelRun(() => ({ model: { calls: 0 }, real: world }), commands);
      await world.finish();
      for (const situation of world.situations) situations.set(situation, (situations.get(situation) ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  console.log(situations);
});
