import type { NetworkReason, NetworkState } from '../../state/index.js';
import { VERSION } from '../version.js';
import type { MemberSettings } from './member-options.js';
import type { TaskStanding } from './supervised-task.js';

/** How one task of a member stands. Times are in seconds. */
export interface MemberTaskHealth {
  /** Since 1970. */
  readonly last_heartbeat: number;
  /** How long ago that was. */
  readonly seconds_since_heartbeat: number;
  /** `'unhealthy'` while it gives no sign of life. */
  readonly status: 'healthy' | 'unhealthy';
  /** How often it had to be started again. */
  readonly restarts: number;
}

/** `GET /health` of a member, in the shape of Netring; what is below `fault_tolerance` is its own. */
export interface MemberHealth {
  /** `'unhealthy'` while one of its tasks gives no sign of life. */
  readonly status: 'healthy' | 'unhealthy';
  /** The version of its software. */
  readonly version: string;
  /** What this is. */
  readonly component: 'member';
  /** The member's id. */
  readonly instance_id: string;
  /** Where it is. */
  readonly location: string;
  /** How many others it knows. */
  readonly members_count: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** By the names of the tasks. */
  readonly task_health: Readonly<Record<string, MemberTaskHealth>>;
  /** Their names. */
  readonly unhealthy_tasks: readonly string[];
  /** How tasks are watched. */
  readonly fault_tolerance: {
    /** After how long a silent task counts as dead. */
    readonly task_timeout_seconds: number;
    /** How often that is looked at. */
    readonly health_monitor_interval_seconds: number;
  };
  /** How it stands with the registry. */
  readonly registry: {
    /** The one that is asked first. */
    readonly url: string;
    /** Whether it knows this member. */
    readonly registered: boolean;
    /** How often this member has registered. */
    readonly registrations: number;
    /** When it answered last: seconds since 1970; absent where it never did. */
    readonly last_answer?: number;
    /** Why it does not answer, or refuses; absent where it does neither. */
    readonly trouble?: string;
  };
  /** Of this host; absent where nobody watches it. */
  readonly network?: {
    /** Whether it is online. */
    readonly state: NetworkState;
    /** Why it is not. */
    readonly reason?: NetworkReason;
  };
  /** What became of its reports. */
  readonly reports: {
    /** How many the registry has not acknowledged yet. */
    readonly pending: number;
    /** How many it has. */
    readonly delivered: number;
    /** How many were given up for want of room. */
    readonly dropped: number;
  };
}

/** What a report of health is made of. */
export interface HealthFacts {
  readonly standings: readonly TaskStanding[];
  readonly isDead: (standing: TaskStanding) => boolean;
  /** Milliseconds from one look at the tasks to the next. */
  readonly interval: number;
  readonly members: number;
  readonly registry: string;
  readonly registration: { readonly isRegistered: boolean; readonly count: number };
  /** Milliseconds since 1970. */
  readonly lastAnswer: number | undefined;
  /** With the registry. */
  readonly trouble: string | undefined;
  readonly network: { readonly state: NetworkState; readonly reason?: NetworkReason } | undefined;
  readonly reports: MemberHealth['reports'];
}

export function memberHealth(settings: MemberSettings, facts: HealthFacts): MemberHealth {
  const { standings, isDead, registration, lastAnswer, trouble, network } = facts;
  const unhealthy = standings.filter(isDead).map(({ name }) => name);
  return {
    status: unhealthy.length === 0 ? 'healthy' : 'unhealthy',
    version: VERSION,
    component: 'member',
    instance_id: settings.instanceId,
    location: settings.location,
    members_count: facts.members,
    timestamp: Date.now() / 1_000,
    task_health: Object.fromEntries(standings.map((each) => [each.name, taskHealth(each, isDead(each))])),
    unhealthy_tasks: unhealthy,
    fault_tolerance: {
      task_timeout_seconds: settings.taskTimeout / 1_000,
      health_monitor_interval_seconds: facts.interval / 1_000,
    },
    registry: {
      url: facts.registry,
      registered: registration.isRegistered,
      registrations: registration.count,
      ...(lastAnswer !== undefined && { last_answer: lastAnswer / 1_000 }),
      ...(trouble !== undefined && { trouble }),
    },
    ...(network !== undefined && {
      network: { state: network.state, ...(network.reason !== undefined && { reason: network.reason }) },
    }),
    reports: facts.reports,
  };
}

function taskHealth({ lastBeat, silence, restarts }: TaskStanding, isDead: boolean): MemberTaskHealth {
  return {
    last_heartbeat: lastBeat / 1_000,
    seconds_since_heartbeat: silence / 1_000,
    status: isDead ? 'unhealthy' : 'healthy',
    restarts,
  };
}
