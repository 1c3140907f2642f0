import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { until } from '../lab/bounded.js';
import type { Argv } from '../lab/command.js';
import { freePort, ServerProcess } from './server-process.js';

/** One series of an answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus that scrapes one address. */
export class PrometheusServer {
  readonly #process: ServerProcess;
  readonly #url: string;

  private constructor(process: ServerProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  static async start(target: string): Promise<PrometheusServer> {
    const address = `127.0.0.1:${await freePort()}`;
    const prepare = async (folder: string): Promise<Argv> => {
      const configuration = join(folder, 'prometheus.yml');
      await writeFile(
        configuration,
        `global: { scrape_interval: 200ms, scrape_timeout: 200ms }
scrape_configs: [{ job_name: test, static_configs: [{ targets: ['${target}'] }] }]
`,
      );
      return [
        'prometheus',
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=error',
      ];
    };
    const process = await ServerProcess.start(prepare, `http://${address}/-/ready`);
    return new PrometheusServer(process, `http://${address}`);
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

  stop(): Promise<void> {
    return this.#process.stop();
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

export function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen on a port');
  return address.port;
}
