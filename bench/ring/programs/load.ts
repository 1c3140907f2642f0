import { Agent, request } from 'node:http';
import { serveActor } from '../../../test/lab/actor/serve.js';
import { checksText, idOf } from '../report.js';

/** What the members of this process do. */
export interface Load {
  /** Where the registry listens. */
  readonly port: number;
  /** The numbers of the members that this process plays: from the first up to the second, which is the next one's. */
  readonly members: readonly [from: number, to: number];
  /** Of how many others each report tells, if that fits into so many bytes. */
  readonly targets: number;
  readonly bytes: number;
  /** By what the intervals are divided. */
  readonly speed: number;
}

/** What members ask. */
export type Kind = 'heartbeat' | 'report' | 'members';

/** What has come of it, since it was asked last. */
export interface Answers {
  /** Milliseconds from the first byte sent to the last one received, by what was asked. */
  readonly latencies: Readonly<Record<Kind, readonly number[]>>;
  /** Those that were not answered with 200. */
  readonly refused: Readonly<Record<Kind, number>>;
}

/** Plays many members. Each speaks when it is its time, whether or not the registry has answered the others. */
const loader = serveActor(() => ({
  play(asked: Load): void {
    load = asked;
    // All of them have found the same, which makes no difference to the registry.
    checks = checksText(asked.targets, asked.bytes, Date.now());
  },
  /** Has some of them register, and report once. */
  async join([from, to]: Load['members']): Promise<void> {
    for (let index = from; index < to; index += 1) {
      await send('/register', { instance_id: idOf(index), location: `site-${index}`, ip: '10.0.0.1', port: 8_757 });
      await ask('report', index);
    }
    forget();
  },
  start(): void {
    const { speed, members } = load;
    const begun = performance.now();
    for (const [kind, interval] of Object.entries(INTERVALS)) {
      if (isKind(kind)) timers.push(repeat(kind, members, interval / speed, begun));
    }
  },
  take(): Answers {
    const taken = answers;
    forget();
    return taken;
  },
  stop(): void {
    for (const timer of timers.splice(0)) clearInterval(timer);
  },
}));

export type Loader = typeof loader;

/** Milliseconds: the defaults. */
const INTERVALS: Readonly<Record<Kind, number>> = { heartbeat: 45_000, report: 60_000, members: 30_000 };

/** Milliseconds from one look at what is due to the next. */
const TICK = 2;

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const timers: NodeJS.Timeout[] = [];
let load: Load = { port: 0, members: [0, 0], targets: 0, bytes: 0, speed: 1 };
let checks = '';
let answers = noAnswers();

function noAnswers(): { latencies: Record<Kind, number[]>; refused: Record<Kind, number> } {
  return {
    latencies: { heartbeat: [], report: [], members: [] },
    refused: { heartbeat: 0, report: 0, members: 0 },
  };
}

function forget(): void {
  answers = noAnswers();
}

function isKind(name: string): name is Kind {
  return name in INTERVALS;
}

/** One member after the other, evenly over the interval. */
function repeat(kind: Kind, [from, to]: Load['members'], interval: number, begun: number): NodeJS.Timeout {
  const count = to - from;
  let asked = 0;
  return setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / interval) * count);
    for (; asked < due; asked += 1) void ask(kind, from + (asked % count));
  }, TICK);
}

async function ask(kind: Kind, index: number): Promise<void> {
  const body = bodyOf(kind, index);
  const begun = performance.now();
  const status = await exchange(PATHS[kind], body).catch(() => 0);
  if (status !== 200) answers.refused[kind] += 1;
  answers.latencies[kind].push(performance.now() - begun);
}

const PATHS: Readonly<Record<Kind, string>> = {
  heartbeat: '/heartbeat',
  report: '/report_metrics',
  members: '/members',
};

function bodyOf(kind: Kind, index: number): string | undefined {
  if (kind === 'members') return undefined;
  const id = JSON.stringify(idOf(index));
  if (kind === 'heartbeat') return `{"instance_id":${id}}`;
  const now = Date.now();
  return `{"instance_id":${id},"report_id":"${index}-${now}","taken_at":${now},"current":true,"metrics":{"checks":${checks}}}`;
}

async function send(path: string, body: object): Promise<void> {
  const status = await exchange(path, JSON.stringify(body));
  if (status !== 200) throw new Error(`${path} was answered with ${status}`);
}

function exchange(path: string, body: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port: load.port,
      path,
      agent,
      method: body === undefined ? 'GET' : 'POST',
      headers:
        body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    asked.once('error', (error) => {
      // The other side has closed a kept connection in the same moment.
      if (asked.reusedSocket) resolve(exchange(path, body));
      else reject(error);
    });
    asked.once('response', (response) => {
      response.once('error', reject);
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    asked.end(body);
  });
}
