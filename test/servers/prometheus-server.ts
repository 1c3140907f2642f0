import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../lab/bounded.js';

/** One series of an answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus that scrapes one address, on a port of its own, with its data in a folder of its own. */
export class PrometheusServer {
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #url: string;

  private constructor(folder: string, process: ChildProcess, url: string) {
    this.#folder = folder;
    this.#process = process;
    this.#url = url;
  }

  static async start(target: string): Promise<PrometheusServer> {
    const folder = await mkdtemp(join(tmpdir(), 'netpause-prometheus-'));
    const configuration = join(folder, 'prometheus.yml');
    await writeFile(
      configuration,
      `global: { scrape_interval: 200ms, scrape_timeout: 200ms }
scrape_configs: [{ job_name: test, static_configs: [{ targets: ['${target}'] }] }]
`,
    );
    const address = `127.0.0.1:${await freePort()}`;
    const process = spawn(
      'prometheus',
      [
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const server = new PrometheusServer(folder, process, `http://${address}`);
    try {
      await until(
        () => server.#isReady(),
        () => 'for Prometheus to be ready',
      );
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** @throws where Prometheus does not understand the query. */
  async query(expression: string): Promise<readonly Series[]> {
    const response = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const answer: Answer = JSON.parse(await response.text());
    if (answer.status !== 'success') throw new Error(`${answer.error}: ${expression}`);
    return answer.data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }

  /** Asks until the answer is as it should be. */
  async queryUntil(expression: string, isAsItShouldBe: (series: readonly Series[]) => boolean): Promise<void> {
    let last: readonly Series[] = [];
    await until(
      async () => {
        last = await this.query(expression);
        return isAsItShouldBe(last);
      },
      () => `${expression} is ${JSON.stringify(last)}`,
    );
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    if (this.#process.exitCode !== null) throw new Error(`Prometheus exited with code ${this.#process.exitCode}`);
    try {
      return (await fetch(`${this.#url}/-/ready`)).ok;
    } catch {
      return false;
    }
  }
}

type Answer =
  | {
      readonly status: 'success';
      readonly data: {
        readonly result: readonly {
          readonly metric: Readonly<Record<string, string>>;
          readonly value: readonly [number, string];
        }[];
      };
    }
  | { readonly status: 'error'; readonly error: string };

/** Prometheus does not tell which port it got, where it may choose. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  server.close();
  await once(server, 'close');
  return port;
}

export function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen on a port');
  return address.port;
}
