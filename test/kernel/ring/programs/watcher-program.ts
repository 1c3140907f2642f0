import { setTimeout as delay } from 'node:timers/promises';
import type { CheckRecord, MemberOutage, ReportedMetrics } from '../../../../src/ring/index.js';
import { serveActor } from '../../../lab/actor/index.js';
import { Journal, monotonic, type VerdictChange } from './journal.js';

/** An outage that the registry has told of, and when. */
export type ToldOutage = MemberOutage & { readonly at: number };

const changes = new Journal<VerdictChange>();
const outages = new Journal<ToldOutage>();
/** By source, then by target and check. */
const known = new Map<string, Map<string, VerdictChange['verdict']>>();
/** When a report of each member was last shown. */
const heard = new Map<string, number>();

/** Listens to the events of a registry, as a page in a browser does. */
const program = serveActor(() => ({
  /** Listens from now on, however often the registry goes away. */
  watch(url: string): void {
    void listen(url);
  },
  changes: (count: number) => changes.since(count),
  outages: (count: number) => outages.since(count),
  heard: () => Object.fromEntries(heard),
  /** What a path answers: undefined where nobody does. */
  async ask(url: string): Promise<{ status: number; body: unknown } | undefined> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(LONGEST_ANSWER) });
      return { status: response.status, body: await response.json() };
    } catch {
      return undefined;
    }
  },
}));
export type WatcherProgram = typeof program;

/** Milliseconds. */
const LONGEST_ANSWER = 2_000;
const RECONNECT = 20;

async function listen(url: string): Promise<never> {
  for (;;) {
    try {
      const { body } = await fetch(`${url}/events`);
      if (body !== null) await read(body);
    } catch {
      // It is away.
    }
    await delay(RECONNECT);
  }
}

async function read(body: AsyncIterable<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) take(block);
  }
}

function take(block: string): void {
  const [, event = ''] = /^event: (.*)$/m.exec(block) ?? [];
  const [, data = '{}'] = /^data: (.*)$/m.exec(block) ?? [];
  const { key, value } = JSON.parse(data);
  if (event === 'metrics') noteReport(key, value?.metrics);
  if (event === 'outage' && value !== undefined) outages.add({ ...value, at: monotonic() });
}

function noteReport(source: string, metrics: ReportedMetrics | undefined): void {
  const at = monotonic();
  if (metrics !== undefined) heard.set(source, at);
  const before = known.get(source) ?? new Map<string, VerdictChange['verdict']>();
  const now = new Map((metrics?.checks ?? []).map((check) => [nameOf(check), check]));
  for (const [name, { target, type, endpoint, verdict, reason }] of now) {
    if (before.get(name) === verdict) continue;
    changes.add({ source, target, check: endpoint === undefined ? type : `${type} ${endpoint}`, verdict, reason, at });
  }
  for (const name of before.keys()) {
    const [target = '', check = ''] = name.split('\n');
    if (!now.has(name)) changes.add({ source, target, check, verdict: 'none', at });
  }
  known.set(source, new Map([...now].map(([name, { verdict }]) => [name, verdict])));
}

function nameOf({ target, type, endpoint }: CheckRecord): string {
  return `${target}\n${endpoint === undefined ? type : `${type} ${endpoint}`}`;
}
