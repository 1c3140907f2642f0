import { isIP } from 'node:net';
import { InvalidOptionError } from '../../errors/index.js';
import {
  boolean,
  checkComplete,
  checkOptions,
  functionRule,
  milliseconds,
  nonEmptyString,
  type OptionRules,
  objectWith,
  oneOf,
} from '../../options/index.js';
import type { ProbeContext } from '../probe-context.js';
import type { ProbeResult } from '../result.js';
import { type Engine, type EngineName, type EngineOptions, engineNames, engineOf } from './engines.js';

/** A probe of one's own: an async function as the engines are. It should end when `context.signal` aborts. */
export type ProbeFunction = (target: string, options: object, context: ProbeContext) => Promise<ProbeResult>;

/** What is to be probed by one of the engines, again and again. */
export type EngineTask =
  | {
      readonly [Name in AskingEngineName]: TaskFields & {
        /** The engine. */
        readonly probe: Name;
        /** The engine's own options; its `timeout` is better given as the task's. */
        readonly options?: EngineOptions<Name> | undefined;
      };
    }[AskingEngineName]
  | HostTask;

/** The name of an engine that asks somebody else. */
export type AskingEngineName = Exclude<EngineName, 'host'>;

/** This host is to be read, again and again. It goes on while the network is down, unless it is told not to by `pauseWhileDown`. */
export interface HostTask extends Omit<TaskFields, 'target'> {
  /** The engine. */
  readonly probe: 'host';
  /** What this host is called in results; nobody is asked by it. @default 'localhost' */
  readonly target?: string | undefined;
  /** The engine's own options. */
  readonly options?: EngineOptions<'host'> | undefined;
}

/** What is to be probed by a function of one's own, again and again. */
export interface FunctionTask extends TaskFields {
  /** The function; its results are known by what they say of themselves. */
  readonly probe: ProbeFunction;
  /** What the function gets as its second argument. @default {} */
  readonly options?: object | undefined;
}

/** What a {@link ProbeSchedule} is given to do. */
export type ScheduleTask = EngineTask | FunctionTask;

/** What every task has. */
export interface TaskFields {
  /** By what it is known: in events, in the health report, for `remove`. Unique in a schedule. @default the probe and the target: `'tcp db.example.com:5432'` */
  readonly name?: string | undefined;
  /** As the engine takes it. */
  readonly target: string;
  /** Milliseconds from one start to the next. @default that of the schedule */
  readonly interval?: number | undefined;
  /**
   * Milliseconds for one probe; of ping and trace, for each reply; of host, beside its interval.
   *
   * @default that in the options, then that of the schedule (but of bandwidth, whose time follows from its options), then that of the engine
   */
  readonly timeout?: number | undefined;
  /** Words that exporters pass on with each result. @default {} */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether it rests while the monitor's state is `down`. A target that is given by its address is probed on where the way there stands, as
   * in a LAN without its uplink. With `false` every target is: its results are then `inconclusive` only where the way to it is gone.
   *
   * @default true, but of host, which needs no network
   */
  readonly pauseWhileDown?: boolean | undefined;
}

/** A task as others see it: nothing is left open, and nothing secret is in it. A plain value. */
export interface ScheduledTask {
  /** Unique in its schedule. */
  readonly name: string;
  /** The engine's name, or that of the function. */
  readonly probe: string;
  /** As it may be shown: a URL without user name and password. */
  readonly target: string;
  /** Milliseconds. */
  readonly interval: number;
  /** Milliseconds that one probe takes at most, all its parts together. */
  readonly timeout: number;
  /** Words that exporters pass on with each result. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it rests while the monitor's state is `down`. */
  readonly pauseWhileDown: boolean;
}

/** What stands in for what a task does not say. Milliseconds. */
export interface TaskDefaults {
  readonly interval: number;
  /** @default that of the engine */
  readonly timeout?: number | undefined;
}

/** A task, and how it is run once. */
export interface RunnableTask {
  readonly task: ScheduledTask;
  readonly target: string;
  readonly options: object;
  readonly probe: ProbeFunction;
  /** The IP address that is asked, where it is known without a look-up. */
  readonly address?: string;
}

/**
 * Takes a task, and refuses what is none, options of the engine included.
 *
 * @param owner whose complaint it is, in errors.
 * @throws {InvalidOptionError} naming what is wrong with it.
 */
export function readTask(owner: string, given: object): ScheduleTask {
  checkTask(owner, given);
  return given;
}

function checkTask(owner: string, given: object): asserts given is ScheduleTask {
  checkOptions(owner, given, TASK_RULES);
  const { probe, options = {}, timeout, ...fields }: Partial<Record<string, unknown>> = { ...given };
  const engine = engineOf(probe);
  const { target = engine?.defaultTarget } = fields;
  checkComplete(owner, { target, probe }, { target: TASK_RULES.target, probe: TASK_RULES.probe });
  if (typeof target === 'string' && typeof options === 'object' && options !== null) {
    engine?.check(target, { ...options, ...(timeout !== undefined && { timeout }) });
  }
}

/** The target of a task that has been checked. */
export function targetOf({ probe, target }: ScheduleTask): string {
  return target ?? engineOf(probe)?.defaultTarget ?? '';
}

/**
 * Fills in what a task does not say.
 *
 * @throws {InvalidOptionError} naming what is wrong with it.
 */
export function toRunnable(owner: string, given: ScheduleTask, defaults: TaskDefaults): RunnableTask {
  checkTask(owner, given);
  const engine = engineOf(given.probe);
  return engine === undefined ? byFunction(given, defaults) : byEngine(given, engine, defaults);
}

function byEngine(given: ScheduleTask, engine: Engine, defaults: TaskDefaults): RunnableTask {
  const general = engine.timeoutOf === 'work' ? undefined : defaults.timeout;
  const timeout = given.timeout ?? timeoutIn(given.options) ?? general;
  const options = { ...given.options, ...(timeout !== undefined && { timeout }) };
  const target = targetOf(given);
  const host = engine.host(target, options) ?? '';
  const shown = { probe: String(given.probe), target: engine.show(target) };
  const { pauseWhileDown = engine.pauseWhileDown } = given;
  return {
    task: planned({ ...given, pauseWhileDown }, shown, engine.longest(options), defaults),
    target,
    options,
    probe: engine.probe,
    ...(isIP(host) !== 0 && { address: host }),
  };
}

function byFunction(given: ScheduleTask, defaults: TaskDefaults): RunnableTask {
  const { options = {}, probe, timeout = defaults.timeout ?? DEFAULT_TIMEOUT } = given;
  const target = targetOf(given);
  if (typeof probe !== 'function') throw new Error(`there is no engine ${probe}`);
  return {
    task: planned(given, { probe: probe.name || 'function', target }, timeout, defaults),
    target,
    options,
    probe,
  };
}

function planned(
  { name, labels = {}, pauseWhileDown = true, interval }: Omit<TaskFields, 'target'>,
  { probe, target }: Pick<ScheduledTask, 'probe' | 'target'>,
  timeout: number,
  defaults: TaskDefaults,
): ScheduledTask {
  return {
    name: name ?? `${probe} ${target}`,
    probe,
    target,
    interval: interval ?? defaults.interval,
    timeout,
    labels: { ...labels },
    pauseWhileDown,
  };
}

/** Of a function that has none of its own, in milliseconds. */
const DEFAULT_TIMEOUT = 5_000;

function timeoutIn(options: object | undefined): number | undefined {
  const timeout: unknown = options === undefined ? undefined : Reflect.get(options, 'timeout');
  return typeof timeout === 'number' ? timeout : undefined;
}

export const TASK_RULES = {
  name: nonEmptyString,
  probe: {
    allowed: `${oneOf(...engineNames).allowed}, or a function`,
    accepts: (value: unknown) => oneOf(...engineNames).accepts(value) || functionRule.accepts(value),
  },
  target: nonEmptyString,
  options: objectWith("an object of the engine's options", (value) => !Array.isArray(value)),
  interval: milliseconds(1),
  timeout: milliseconds(1),
  labels: objectWith('an object whose values are strings', (value) =>
    Object.values(value).every((each) => typeof each === 'string'),
  ),
  pauseWhileDown: boolean,
} as const satisfies OptionRules<TaskFields & { probe: unknown; options?: unknown }>;

/** @throws {InvalidOptionError} where two of them have one name. */
export function checkNames(owner: string, names: Iterable<string>): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new InvalidOptionError(`${owner}: name`, name, 'another than that of any other task');
    seen.add(name);
  }
}
