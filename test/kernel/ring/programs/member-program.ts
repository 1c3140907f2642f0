import { keepHeapSmall } from '../../../../src/cli/ring/small-heap.js';
import type { LogRecord } from '../../../../src/log/index.js';
import { NetworkMonitor } from '../../../../src/monitor/index.js';
import { createMember, type Member, type MemberHealth, type MemberOptions } from '../../../../src/ring/index.js';
import { serveActor } from '../../../lab/actor/index.js';
import { Journal, monotonic, type VerdictChange } from './journal.js';
import { ShiftedClock } from './shifted-clock.js';
import { watchStarvation } from './starvation.js';

/** How a member of the lab runs. */
export interface MemberProgramOptions {
  readonly member: MemberOptions & { readonly instanceId: string };
  readonly checkHosts: readonly string[];
  /** Milliseconds between two rounds of the monitor's checks. */
  readonly interval: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/** An outage of its own, as it has lived through it. */
export interface OwnOutage {
  readonly kind: 'offline' | 'online';
  readonly at: number;
}

// As the command does.
keepHeapSmall();

const clock = new ShiftedClock();
const changes = new Journal<VerdictChange>();
let acknowledged = 0;
const outages = new Journal<OwnOutage>();
const starvation = watchStarvation();
let member: Member | undefined;

/** A member with a real monitor, as the lab sees it. */
const program = serveActor(() => ({
  async start({ member: options, checkHosts, interval, timeout }: MemberProgramOptions): Promise<string> {
    const monitor = new NetworkMonitor({
      checkHosts,
      checkPorts: [CLOSED_PORT],
      checkInterval: interval,
      checkTimeout: timeout,
    });
    await monitor.start();
    const { instanceId: source } = options;
    member = await createMember({
      ...options,
      monitor,
      logLevel: 'debug',
      logger: (record: LogRecord) => note(source, record),
    });
    return member.url;
  },
  health(): MemberHealth | undefined {
    return member?.health();
  },
  changes: (count: number) => changes.since(count),
  /** When the latest of the reports was taken that the registry has acknowledged; by the member's clock. */
  acknowledged: () => acknowledged,
  outages: (count: number) => outages.since(count),
  starvation: (count: number) => starvation.since(count),
  /** @param offset milliseconds by which the clock is ahead of the true time from now on. */
  shiftClock(offset: number): number {
    clock.offset = offset;
    return monotonic();
  },
  async close(): Promise<void> {
    await member?.close();
  },
}));
export type MemberProgram = typeof program;

/** A refusal proves reach as well as an answer does. */
const CLOSED_PORT = 9;

function note(source: string, { message, fields }: LogRecord): void {
  if (message === 'verdict changed') changes.add(changeOf(source, fields));
  else if (message === 'report delivered') acknowledged = Math.max(acknowledged, Number(fields['taken_at']));
  else if (message === 'offline') outages.add({ kind: 'offline', at: monotonic() });
  else if (message === 'online again') outages.add({ kind: 'online', at: monotonic() });
}

function changeOf(source: string, fields: LogRecord['fields']): VerdictChange {
  const { type, target, endpoint, verdict, reason } = fields;
  return {
    source,
    target: String(target),
    check: endpoint === undefined ? String(type) : `${type} ${endpoint}`,
    verdict: verdict === 'ok' || verdict === 'failed' ? verdict : 'inconclusive',
    reason: reason === undefined ? undefined : String(reason),
    at: monotonic(),
  };
}
