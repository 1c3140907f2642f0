import { setImmediate as nextTurn } from 'node:timers/promises';
import { serveActor } from '../../test/lab/actor/serve.js';

/** How calls follow each other: each as soon as the one before is over, or each in a turn of the event loop of its own. */
export type Pace = 'in a row' | 'a turn each';

/** What every contender runs: the least that can be awaited. */
export type Operation = () => Promise<number>;

const operation: Operation = async () => 1;

/** Makes a program of the bench one that runs an operation which succeeds at once, over and over, by some library. */
export function serveCaller(open: () => Promise<Call> | Call) {
  const opened = Promise.resolve(open());
  return serveActor(() => ({
    /** @returns nanoseconds of processor time for one call, those of the engine's helper threads included. */
    async measure(pace: Pace, milliseconds: number): Promise<number> {
      const call = await opened;
      const end = performance.now() + milliseconds;
      const before = process.cpuUsage();
      let calls = 0;
      do {
        await (pace === 'in a row' ? inARow(call) : aTurnEach(call));
        calls += BATCH;
      } while (performance.now() < end);
      const { user, system } = process.cpuUsage(before);
      return ((user + system) * 1_000) / calls;
    },
  }));
}

export type Call = (operation: Operation) => Promise<unknown>;

export type Caller = ReturnType<typeof serveCaller>;

/** So many that the clock does not count, and so few that a trial need not be long. */
const BATCH = 1_000;

async function inARow(call: Call): Promise<void> {
  for (let count = 0; count < BATCH; count += 1) await call(operation);
}

async function aTurnEach(call: Call): Promise<void> {
  for (let count = 0; count < BATCH; count += 1) {
    await call(operation);
    await nextTurn();
  }
}
