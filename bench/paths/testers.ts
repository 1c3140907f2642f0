import { setTimeout as delay } from 'node:timers/promises';
import type { Throughput } from '../../src/probes/index.js';
import { until } from '../../test/lab/bounded.js';
import type { Actor, Host } from '../../test/lab/index.js';
import type { Bench } from '../part.js';
import { CommandProcess, isInstalled } from '../probes/command-process.js';
import type { Tester } from './programs/tester.js';

const TESTER = new URL('./programs/tester.ts', import.meta.url);

export const DIRECTIONS = ['download', 'upload'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** How long a test of each takes, and how many there are. */
export interface Effort {
  readonly seconds: number;
  readonly turns: number;
}

/** Tests of both, over the same link: bits of TCP payload a second, of one stream. */
export interface Throughputs {
  /** From first to last. */
  readonly ours: number[];
  /** Without slow start: what netpause gives as the rate. */
  readonly oursSteady: number[];
  /** As iperf3's receiver has it, from first to last. */
  readonly theirs: number[];
}

/** Measures throughput between two hosts by netpause and by iperf3, whose servers run on the far one. */
export class Testers implements AsyncDisposable {
  readonly #client: Host;
  readonly #tester: Actor<Tester>;
  readonly #server: Actor<Tester>;
  readonly #port: number;
  readonly #iperf: CommandProcess | undefined;

  private constructor(
    client: Host,
    tester: Actor<Tester>,
    server: Actor<Tester>,
    port: number,
    iperf: CommandProcess | undefined,
  ) {
    this.#client = client;
    this.#tester = tester;
    this.#server = server;
    this.#port = port;
    this.#iperf = iperf;
  }

  static async open({ stage, say }: Bench, client: Host, server: Host): Promise<Testers> {
    const [here, there] = await Promise.all([
      stage.spawn<Tester>(TESTER, { host: client }),
      stage.spawn<Tester>(TESTER, { host: server }),
    ]);
    const port = await there.call('serve');
    const hasIperf = await isInstalled('iperf3');
    if (!hasIperf) say('iperf3 is not on this machine (Debian: iperf3)');
    const iperf = hasIperf ? new CommandProcess(server, ['iperf3', '--server', '--forceflush']) : undefined;
    const testers = new Testers(client, here, there, port, iperf);
    if (iperf !== undefined)
      await until(
        () => iperf.output.includes('listening'),
        () => `iperf3: ${iperf.output}`,
      );
    return testers;
  }

  /** In turns. */
  async measure(address: string, direction: Direction, { seconds, turns }: Effort): Promise<Throughputs> {
    const throughputs: Throughputs = { ours: [], oursSteady: [], theirs: [] };
    for (let turn = 0; turn < turns; turn += 1) {
      const facts = await this.#probe(address, direction, seconds);
      throughputs.ours.push(facts.bitsPerSecondOverall);
      throughputs.oursSteady.push(facts.bitsPerSecond);
      if (this.#iperf !== undefined) throughputs.theirs.push(await this.#askIperf(address, direction, seconds));
    }
    return throughputs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#iperf?.[Symbol.asyncDispose]();
    await Promise.all([this.#tester.stop(), this.#server.stop()]);
  }

  async #probe(address: string, direction: Direction, seconds: number): Promise<Throughput> {
    const options = { direction, duration: seconds * 1_000 };
    const { [direction]: facts } = await this.#tester.call('probe', `${address}:${this.#port}`, options);
    if (facts === undefined) throw new Error(`nothing was measured by the ${direction} from ${address}`);
    return facts;
  }

  async #askIperf(address: string, direction: Direction, seconds: number): Promise<number> {
    // It knows whole seconds only.
    const limit = seconds < 1 ? ['--bytes', '1M'] : ['--time', `${seconds}`];
    const way = direction === 'download' ? ['--reverse'] : [];
    const ask = () => this.#client.exec('iperf3', ['--client', address, ...way, ...limit, '--json']);
    // Its server serves one at a time, and may not be done with the last one yet.
    const { stdout } = await ask().catch(async () => {
      await delay(500);
      return ask();
    });
    return JSON.parse(stdout).end.sum_received.bits_per_second;
  }
}
