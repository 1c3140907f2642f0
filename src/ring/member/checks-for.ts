import { formatEndpoint } from '../../names/index.js';
import type { EngineTask, PingProbeOptions } from '../../probes/index.js';
import { mesh, ring } from '../plan/index.js';
import type { CheckRecord, MemberRecord } from '../wire/index.js';
import { type AllowList, literalOf } from './allow-list.js';
import type { MemberSettings } from './member-options.js';

/** What a check is of. */
export interface CheckSubject {
  readonly type: Exclude<CheckRecord['type'], 'bandwidth'>;
  readonly target: MemberRecord;
  /** Of HTTP. */
  readonly endpoint?: string;
}

/** A check, and how it is made. */
export interface CheckTask extends CheckSubject {
  readonly task: EngineTask & { readonly name: string };
}

/** What is to be checked. */
export interface Checks {
  /** TCP, HTTP and ping. */
  readonly connectivity: readonly CheckTask[];
  /** The routes there. */
  readonly routes: readonly CheckTask[];
  /** Members that the operator does not allow to be probed. */
  readonly refused: readonly MemberRecord[];
}

/** What of the settings decides over checks. */
export type CheckSettings = Pick<
  MemberSettings,
  'plan' | 'successors' | 'checkInterval' | 'tracerouteInterval' | 'tcpTimeout' | 'httpTimeout' | 'httpEndpoints'
>;

/** What a member goes by in one round. */
export interface CheckRound {
  /** The others. */
  readonly members: readonly MemberRecord[];
  /** This member's id. */
  readonly self: string;
  /** Counted by each member for itself; a mesh is the same in all rounds. */
  readonly round: number;
  /** The ids of those that were not found last: they are checked again, so that it is seen at the next interval that they are back. */
  readonly failing: ReadonlySet<string>;
}

/** Whom a member checks in a round, and how. */
export function checksFor(
  { members, self, round, failing }: CheckRound,
  settings: CheckSettings,
  allowed: AllowList,
): Checks {
  const byId = new Map(members.map((member) => [member.instance_id, member]));
  const ids = [...byId.keys()];
  const { plan, successors } = settings;
  const planned = plan === 'mesh' ? mesh(ids, self) : ring(ids, self, { successors, round });
  const chosen = [...new Set([...planned, ...failing])].flatMap((id) => byId.get(id) ?? []);
  const targets = chosen.filter(({ ip }) => allowed.mayAllow(ip));
  return {
    connectivity: targets.flatMap((target) => connectivityOf(target, settings)),
    routes: settings.tracerouteInterval === 0 ? [] : targets.map((target) => routeOf(target, settings)),
    refused: chosen.filter(({ ip }) => !allowed.mayAllow(ip)),
  };
}

/** The host to ask: an address in its usual spelling, so that no engine takes a name for one that was not checked. */
export function hostToAsk({ ip }: MemberRecord): string {
  return literalOf(ip) ?? ip;
}

/** Of a large ring, the routes to all are not asked for at once: a trace is a burst of packets. */
function connectivityOf(target: MemberRecord, settings: CheckSettings): readonly CheckTask[] {
  const { checkInterval: interval, tcpTimeout, httpTimeout, httpEndpoints } = settings;
  const endpoint = formatEndpoint({ host: hostToAsk(target), port: target.port });
  return [
    checkOf({ type: 'tcp', target }, { probe: 'tcp', target: endpoint, interval, timeout: tcpTimeout }),
    ...httpEndpoints.map((path) =>
      checkOf(
        { type: 'http', target, endpoint: path },
        {
          probe: 'http',
          target: `http://${endpoint}${path}`,
          interval,
          timeout: httpTimeout,
          // A redirect is an answer. Followed, it could lead where nothing may be probed.
          options: { status: BELOW_500, maxRedirects: 0, maxBodyBytes: MOST_BODY },
        },
      ),
    ),
    checkOf(
      { type: 'ping', target },
      {
        probe: 'ping',
        target: hostToAsk(target),
        interval,
        options: { fallback: 'tcp', port: target.port, ...pingPace(interval) },
      },
    ),
  ];
}

/** As many packets, a fifth of a second apart, as end within the interval, also where none is answered. */
function pingPace(interval: number): Required<Pick<PingProbeOptions, 'count' | 'interval' | 'timeout'>> {
  const pace = 200;
  const count = Math.max(1, Math.min(5, Math.floor(interval / 2 / pace)));
  return { count, interval: pace, timeout: Math.min(1_000, interval / 2) };
}

function routeOf(target: MemberRecord, { tracerouteInterval: interval }: CheckSettings): CheckTask {
  return checkOf({ type: 'traceroute', target }, { probe: 'trace', target: hostToAsk(target), interval });
}

function checkOf(subject: CheckSubject, task: EngineTask): CheckTask {
  return { ...subject, task: { ...task, name: nameOf(subject) } };
}

function nameOf({ type, target, endpoint }: CheckSubject): string {
  return JSON.stringify([type, target.instance_id, ...(endpoint === undefined ? [] : [endpoint])]);
}

const BELOW_500 = ['1xx', '2xx', '3xx', '4xx'] as const;

/** Bytes. The status is what is wanted. */
const MOST_BODY = 4_096;
