import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOOPBACK } from '../../../../src/probes/bandwidth/link-of.js';
import { sharedTurns } from '../../../../src/probes/bandwidth/link-turns.js';
import type { ProbeResult } from '../../../../src/probes/result.js';
import type { EngineOptions } from '../../../../src/probes/schedule/engines.js';
import { ProbeSchedule } from '../../../../src/probes/schedule/probe-schedule.js';

let server: DownloadServer;
let schedules: ProbeSchedule[];

beforeEach(async () => {
  server = new DownloadServer();
  await server.listen();
  schedules = [];
});
afterEach(async () => {
  await Promise.all(schedules.map((schedule) => schedule.stop()));
  await server.close();
});

/** A schedule with one test, and what comes of that. */
function schedule(options: EngineOptions<'bandwidth'>, interval: number) {
  const made = new ProbeSchedule({ interval, firstRun: 'at-once', grace: 500, timeout: 50, drainTimeout: 0 });
  schedules.push(made);
  made.add({ probe: 'bandwidth', target: `127.0.0.1:${server.port}`, options: { direction: 'download', ...options } });
  const results: ProbeResult[] = [];
  const crashes: Error[] = [];
  made.on('crash', ({ error }) => crashes.push(error));
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      made.on('result', ({ result }) => {
        if (results.push(result) >= count) resolve();
      });
    });
  return { schedule: made, results, crashes, until };
}

describe('bandwidth tests of several schedules', () => {
  it('never run at once over one link, and none is lost for that', async () => {
    const all = [1, 2, 3].map(() => schedule({ duration: 100 }, 1));
    const enough = all.map(({ until }) => until(3));
    await Promise.all(all.map((each) => each.schedule.start()));
    await Promise.all(enough);
    const results = all.flatMap((each) => each.results);
    expect(results.map(({ status, reason }) => reason ?? status)).toEqual(results.map(() => 'ok'));
    expect(all.flatMap(({ crashes }) => crashes)).toEqual([]);
    expect(server.downloads).toBeGreaterThanOrEqual(9);
    expect(server.mostAtOnce).toBe(1);
  });

  it('are not taken for hung while they wait, and are inconclusive where their turn does not come', async () => {
    await withoutTurns(async () => {
      const { schedule: waiting, results, crashes, until } = schedule({ duration: 100, timeout: 400 }, 1);
      const two = until(2);
      await waiting.start();
      await two;
      expect(results.slice(0, 2)).toMatchObject([
        { status: 'inconclusive', reason: 'busy' },
        { status: 'inconclusive', reason: 'busy' },
      ]);
      expect(crashes).toEqual([]);
      expect(waiting.health().tasks).toMatchObject([{ crashes: 0, abandoned: 0 }]);
      expect(server.downloads).toBe(0);
    });
  });

  it('leave the line when the schedule stops', async () => {
    await withoutTurns(async () => {
      const { schedule: waiting, results } = schedule({}, 1);
      await waiting.start();
      await server.reached;
      await waiting.stop();
      expect(results).toEqual([]);
      expect(waiting.health()).toMatchObject({ inFlight: 0, tasks: [{ abandoned: 0, crashes: 0 }] });
    });
    const next = sharedTurns().tryTake(LOOPBACK, 1_000);
    expect(next).toBeTypeOf('function');
    if (typeof next === 'function') next();
  });
});

/** While somebody else has the turn. */
async function withoutTurns(run: () => Promise<void>): Promise<void> {
  const release = await sharedTurns().take(LOOPBACK, 60_000, new AbortController().signal);
  try {
    await run();
  } finally {
    release();
  }
}

/** As Netring's: it knows no leases, refuses nobody, and sees how many come at once. */
class DownloadServer {
  downloads = 0;
  mostAtOnce = 0;
  /** Resolves when somebody has connected. */
  readonly reached: Promise<void>;
  #atOnce = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(({ method, url = '' }, response) => {
      const [, size] = /size=(\d+)/.exec(url) ?? [];
      if (method === 'GET') this.#serve(response, Number(size) * 2 ** 20);
      else response.writeHead(404).end();
    });
    this.reached = new Promise((resolve) => this.#server.once('connection', () => resolve()));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(response: ServerResponse, length: number): void {
    this.downloads += 1;
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': length });
    let left = length;
    const send = (): void => {
      for (let goesOn = true; goesOn && left > 0 && !response.destroyed; left -= PIECE.length)
        goesOn = response.write(PIECE);
    };
    response.on('drain', send);
    response.on('error', () => {});
    response.once('close', () => {
      this.#atOnce -= 1;
    });
    send();
  }
}

const PIECE = Buffer.alloc(65_536);
