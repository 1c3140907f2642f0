import { checkOptions, milliseconds, wholeNumberFrom } from '../../../options/index.js';

/** The flags of `netpause ring demo`. */
export interface DemoFlags {
  readonly members?: number;
  readonly port?: number;
  /** Milliseconds. */
  readonly pullEvery?: number;
  readonly once?: boolean;
  /** Milliseconds. */
  readonly duration?: number;
  readonly loopback?: boolean;
}

/** What a demo goes by, with nothing left open. Durations are in milliseconds. */
export interface DemoSettings {
  /** The names of the members, which are their ids and locations as well. */
  readonly sites: readonly string[];
  /** Of the registry's page; 0 for any that is free. */
  readonly port: number;
  /** From one fault to the next. */
  readonly pullEvery: number;
  readonly isOnce: boolean;
  /** Infinity where it ends by Ctrl-C alone. */
  readonly duration: number;
  readonly pace: Pace;
}

/** How often members do what they do, in milliseconds. */
export interface Pace {
  readonly check: number;
  readonly heartbeat: number;
  readonly tcpTimeout: number;
  readonly httpTimeout: number;
  /** For how long a member is heard no more before it counts as silent. */
  readonly silence: number;
}

/** @throws {InvalidOptionError} naming the flag. */
export function settingsOf(flags: DemoFlags): DemoSettings {
  const { members = 5, port = 8_756, pullEvery = 60_000, once = false, duration } = flags;
  checkOptions(OWNER, { members, port, pullEvery, duration }, RULES);
  return {
    sites: SITES.slice(0, members),
    port,
    pullEvery,
    isOnce: once,
    duration: duration ?? Number.POSITIVE_INFINITY,
    pace: paceFor(pullEvery, members),
  };
}

/** Short enough for somebody who looks on, and long enough for a small machine, on which each member checks each other. */
function paceFor(pullEvery: number, members: number): Pace {
  const check = Math.max(1_000, Math.min(2_000, Math.round(pullEvery / 30)), members ** 2 * WORK);
  const heartbeat = check / 4;
  // The registry tells of whole seconds.
  return { check, heartbeat, silence: 1_000 + Math.max(1_000, 5 * heartbeat), ...TIMEOUTS };
}

/** Milliseconds in which a pair of members is checked, on a machine that is busy with other things. */
const WORK = 25;
/** What is cut off here is refused by the router, or by the host: nothing has to be waited for, and a machine that is slow is no fault. */
const TIMEOUTS = { tcpTimeout: 3_000, httpTimeout: 5_000 };

const OWNER = 'ring demo';

/** Short, so that a matrix of all of them fits into 80 columns, and each with a letter of its own. */
const SITES = ['aden', 'bonn', 'cork', 'doha', 'evora', 'faro', 'graz', 'hilo', 'izmir', 'jena', 'kyiv', 'lima'];

const RULES = {
  members: wholeNumberFrom(2, SITES.length),
  port: wholeNumberFrom(0, 65_535),
  pullEvery: milliseconds(5_000),
  duration: milliseconds(1_000),
} as const;
