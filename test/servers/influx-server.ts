import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Argv } from '../lab/command.js';
import { freePort, ServerProcess } from './server-process.js';

/** What InfluxDB says to a line: the status of HTTP, and the sentence where it is none of 2xx. */
export interface WriteAnswer {
  readonly status: number;
  readonly error: string;
}

/** A series of an answer, a point to each row. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

/** A real InfluxDB 1 with one empty database. */
export class InfluxServer {
  readonly #process: ServerProcess;
  readonly #url: string;

  private constructor(process: ServerProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  static async start(): Promise<InfluxServer> {
    const address = `127.0.0.1:${await freePort()}`;
    const prepare = async (folder: string): Promise<Argv> => {
      const configuration = join(folder, 'influxdb.conf');
      await writeFile(
        configuration,
        `reporting-disabled = true
bind-address = "127.0.0.1:${await freePort()}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[http]
  bind-address = "${address}"
  log-enabled = false
[logging]
  level = "error"
[monitor]
  store-enabled = false
`,
      );
      return ['influxd', '-config', configuration];
    };
    const server = new InfluxServer(await ServerProcess.start(prepare, `http://${address}/ping`), `http://${address}`);
    try {
      await server.query('CREATE DATABASE test');
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async write(lines: string, precision = 'ns'): Promise<WriteAnswer> {
    const response = await fetch(`${this.#url}/write?db=test&precision=${precision}`, { method: 'POST', body: lines });
    return { status: response.status, error: await response.text() };
  }

  /** @throws where InfluxDB does not understand the query. */
  async query(query: string): Promise<readonly InfluxSeries[]> {
    const body = new URLSearchParams({ db: 'test', q: query, epoch: 'ns' });
    const response = await fetch(`${this.#url}/query`, { method: 'POST', body });
    const answer: Answer = JSON.parse(await response.text());
    const error = answer.error ?? answer.results?.[0]?.error;
    if (error !== undefined) throw new Error(`${error}: ${query}`);
    return answer.results?.[0]?.series ?? [];
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

interface Answer {
  readonly error?: string;
  readonly results?: readonly { readonly error?: string; readonly series?: readonly InfluxSeries[] }[];
}
