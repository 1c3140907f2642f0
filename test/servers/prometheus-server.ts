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

/** What a Prometheus does. */
export interface PrometheusWork {
  /** The addresses to scrape, by job. */
  readonly jobs: Readonly<Record<string, readonly string[]>>;
  /** Files of rules, which are evaluated as often as is scraped. @default none */
  readonly rules?: readonly string[];
  /** Milliseconds from one scrape to the next, and for each. @default 200 */
  readonly interval?: number;
}

/** A real Prometheus that scrapes. */
export class PrometheusServer {
  readonly #process: ServerProcess;
  readonly #url: string;

  private constructor(process: ServerProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  /** @param work or the only address to scrape. */
  static async start(work: string | PrometheusWork): Promise<PrometheusServer> {
    const { jobs, rules = [], interval = 200 } = typeof work === 'string' ? { jobs: { test: [work] } } : work;
    const every = `${interval}ms`;
    const address = `127.0.0.1:${await freePort()}`;
    const prepare = async (folder: string): Promise<Argv> => {
      const configuration = join(folder, 'prometheus.yml');
      await writeFile(
        configuration,
        // JSON is YAML.
        JSON.stringify({
          global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
          rule_files: rules,
          scrape_configs: Object.entries(jobs).map(([name, targets]) => ({
            job_name: name,
            static_configs: [{ targets }],
          })),
        }),
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
    const answer: Answer = JSON.parse(await this.get(`/api/v1/query?query=${encodeURIComponent(expression)}`));
    if (answer.status !== 'success') throw new Error(`${answer.error}: ${expression}`);
    return answer.data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }

  /** Asks until the answer is as it should be. @returns that answer. */
  async queryUntil(
    expression: string,
    isAsItShouldBe: (series: readonly Series[]) => boolean,
  ): Promise<readonly Series[]> {
    let last: readonly Series[] = [];
    await until(
      async () => {
        last = await this.query(expression);
        return isAsItShouldBe(last);
      },
      () => `${expression} is ${JSON.stringify(last)}`,
    );
    return last;
  }

  /** What is at a path of its API. */
  async get(path: string): Promise<string> {
    return (await fetch(`${this.#url}${path}`)).text();
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
