import { once } from 'node:events';
import { Socket } from 'node:net';
import { type ProbeResult, ProbeSchedule, probePing, probeTcp } from '../../../src/probes/index.js';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** What the bench has netpause probe. Run with `--expose-gc`. */
const prober = serveActor(() => ({
  /** So many side by side, one after the other, for so long. */
  async tcp({ target, atOnce, ms }: Round): Promise<Tally> {
    return repeat(atOnce, ms, async () => (await probeTcp(target)).status === 'ok');
  },
  /** The same by what every probe has to do at least. */
  async bareTcp({ target, atOnce, ms }: Round): Promise<Tally> {
    const [host = '', port = ''] = target.split(':');
    return repeat(atOnce, ms, async () => {
      const socket = new Socket();
      socket.connect(Number(port), host);
      await once(socket, 'connect');
      socket.resetAndDestroy();
      return true;
    });
  },
  /** Each target once a second, their beginnings spread over it. @returns all round-trip times in milliseconds. */
  async ping(targets: readonly string[], count: number): Promise<readonly number[]> {
    const results = await Promise.all(targets.map((target, index) => pingLater(target, count, index / targets.length)));
    return results.flatMap(({ samples }) => samples);
  },
  /** Begins to probe each target once in `interval`. */
  async start(targets: readonly string[], interval: number): Promise<void> {
    tally = { probes: 0, ok: 0 };
    schedule = new ProbeSchedule({ concurrency: 1_000 });
    schedule.on('result', ({ result }) => {
      tally.probes += 1;
      if (result.status === 'ok') tally.ok += 1;
    });
    for (const target of targets) schedule.add({ probe: 'tcp', target, interval });
    await schedule.start();
  },
  tally: (): Tally => tally,
  async stop(): Promise<void> {
    await schedule?.stop();
  },
  collect(): void {
    globalThis.gc?.();
  },
}));

export type Prober = typeof prober;

interface Round {
  readonly target: string;
  readonly atOnce: number;
  readonly ms: number;
}

/** How many were made, and how many found what they should. */
export interface Tally {
  probes: number;
  ok: number;
}

let tally: Tally = { probes: 0, ok: 0 };
let schedule: ProbeSchedule | undefined;

async function repeat(atOnce: number, ms: number, probe: () => Promise<boolean>): Promise<Tally> {
  const counted: Tally = { probes: 0, ok: 0 };
  const until = performance.now() + ms;
  const work = async () => {
    while (performance.now() < until) {
      const isOk = await probe();
      counted.probes += 1;
      if (isOk) counted.ok += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return counted;
}

async function pingLater(target: string, count: number, share: number): Promise<ProbeResult> {
  await new Promise((resolve) => setTimeout(resolve, share * 1_000));
  return probePing(target, { count, interval: 1_000 });
}
