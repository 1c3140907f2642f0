import type { Finding } from './judge.js';
import { pass } from './patience.js';
import type { Scenario } from './scenario.js';
import { type Effect, type OpenOutage, type Scene, type SceneOptions, SUBJECTS, type Subject } from './scene.js';
import type { Stage } from './stage.js';

/** A fault, and how it is mended; each resolves with the moment right before the kernel was asked. */
export interface Fault {
  lose(stage: Stage): Promise<bigint>;
  restore(stage: Stage): Promise<bigint | undefined>;
}

/** What all stories have in common. */
type Head = Pick<Scenario, 'name' | 'topology' | 'fault' | 'quick' | 'needs' | 'alone' | 'seconds'>;

interface Story extends Head, Fault {
  readonly scene?: SceneOptions | ((stage: Stage) => SceneOptions | Promise<SceneOptions>);
  /** What is to be arranged before the monitor starts. */
  prepare?(stage: Stage): Promise<unknown>;
  /** Undoes it. */
  tidyUp?(stage: Stage): Promise<unknown>;
  /** What is wrong already when the monitor has started. */
  inspect?(scene: Scene): readonly Finding[];
}

interface OutageStory extends Story {
  /** What the fault does to the host as a whole, and to the target. */
  readonly host: Effect;
  readonly target: Effect;
  /** Milliseconds within which it must be seen, where other than the bounds of the matrix. */
  readonly within?: number;
  /** The subjects whose work is judged. @default those that the fault cuts off */
  readonly workers?: readonly Subject[];
}

/**
 * The destination is cut off and comes back, twice: once while nobody works, once with work in flight. Work that is begun during the outage
 * waits, work that was in flight survives, and nothing is charged.
 */
export function outage(story: OutageStory): Scenario {
  const cutOff = SUBJECTS.filter((subject) => story[subject] !== 'none');
  const { workers = cutOff } = story;
  // The witness goes where the target is. Where the host fares otherwise, it cannot speak for the host.
  const witnessed: readonly Subject[] = cutOff.length === 1 ? ['target'] : SUBJECTS;
  return scenario({ ...story, scene: withScene(story.scene, { witnessed }) }, async (scene, stage) => {
    await idlePass(scene, stage, story, cutOff, workers);
    await busyPass(scene, stage, story, cutOff, workers);
  });
}

interface CalmStory extends Story {
  /** Whether work that is begun is in for it: `spending` where the destination is cut off in a way that nobody can tell from its own failure. */
  readonly fate?: 'unspent' | 'spending';
  readonly workers?: readonly Subject[];
}

/** Something happens that must not hold anybody: work that is in flight, that begins meanwhile and afterwards is done as if nothing were. */
export function calm(story: CalmStory): Scenario {
  const { fate = 'unspent', workers = SUBJECTS } = story;
  const options = fate === 'spending' ? SPENDING : undefined;
  return scenario(story, async (scene, stage) => {
    await scene.longWork(workers, { fate, ...(options && { options }) });
    await story.lose(stage);
    await scene.work('during', workers, { fate, ...(options && { options }) });
    await pass(LONG_ENOUGH_TO_ERR);
    if (fate === 'unspent') await scene.lookUp();
    await story.restore(stage);
    await stage.service.call('release');
    await scene.work('after', workers, { fate, ...(options && { options }) });
    await scene.done();
    await scene.settled();
  });
}

function withScene(given: Story['scene'], more: SceneOptions): NonNullable<Story['scene']> {
  return async (stage) => ({ ...(typeof given === 'function' ? await given(stage) : given), ...more });
}

/** A story that is told by its own words. */
export function scenario(
  story: Omit<Story, keyof Fault>,
  play: (scene: Scene, stage: Stage) => Promise<void>,
): Scenario {
  const { name, topology, fault, quick, needs, alone, seconds, prepare, tidyUp, inspect, scene: sceneOptions } = story;
  return {
    name,
    topology,
    fault,
    ...(quick !== undefined && { quick }),
    ...(needs !== undefined && { needs }),
    ...(alone !== undefined && { alone }),
    ...(seconds !== undefined && { seconds }),
    async play(stage) {
      await prepare?.(stage);
      const options = typeof sceneOptions === 'function' ? await sceneOptions(stage) : sceneOptions;
      const scene = await stage.begin(options);
      const findings = inspect?.(scene) ?? [];
      // Where it is wrong before anything has happened, the judgement says so, and there is nothing to be learnt from the rest.
      if (scene.beganWell) await play(scene, stage);
      const observations = await scene.end();
      // Those that were hired for this scene.
      await Promise.all([options?.worker?.stop(), options?.witness?.stop()]);
      await tidyUp?.(stage);
      return { observations, findings };
    },
  };
}

async function idlePass(
  scene: Scene,
  stage: Stage,
  story: OutageStory,
  cutOff: readonly Subject[],
  workers: readonly Subject[],
): Promise<void> {
  const at = await story.lose(stage);
  const outages = open(scene, story, at, 'idle');
  await scene.down(cutOff, at);
  const during = await scene.work('during', workers);
  await scene.reach(during, 'pause', PAUSED_WITHIN);
  await scene.witness.call('see', WITNESSED_TRIES);
  await scene.lookUp();
  await mend(stage, story, outages);
  await scene.settled();
  await scene.reach(during, 'done');
}

async function busyPass(
  scene: Scene,
  stage: Stage,
  story: OutageStory,
  cutOff: readonly Subject[],
  workers: readonly Subject[],
): Promise<void> {
  const long = await scene.longWork(workers);
  const at = await story.lose(stage);
  const outages = open(scene, story, at, 'busy');
  await scene.work('racing', workers);
  await scene.down(cutOff, at);
  await scene.reach(long, 'pause', PAUSED_WITHIN);
  await scene.witness.call('see', WITNESSED_TRIES);
  await mend(stage, story, outages);
  await stage.service.call('release');
  await scene.settled();
  await scene.work('after', workers);
  await scene.done();
}

function open(
  scene: Scene,
  { host, target, within }: OutageStory,
  at: bigint,
  load: 'idle' | 'busy',
): readonly OpenOutage[] {
  const more = { busy: load === 'busy', ...(within !== undefined && { within }) };
  return [
    ...(host === 'none' ? [] : [scene.outage('host', host, at, more)]),
    ...(target === 'none' ? [] : [scene.outage('target', target, at, more)]),
  ];
}

async function mend(stage: Stage, { restore }: Fault, outages: readonly OpenOutage[]): Promise<void> {
  for (const each of outages) each.mending();
  await restore(stage);
  for (const each of outages) each.over();
}

/** Longer than the interrupt of an attempt by a lost reach. Milliseconds. */
const PAUSED_WITHIN = 1_500;

/** Enough to be sure that there is no way, few enough to be quick. */
const WITNESSED_TRIES = 3;

/** More than the interval and two timeouts, so that a wrong verdict would have come. Milliseconds. */
const LONG_ENOUGH_TO_ERR = 1_800;

/** Work to a server that fails for a while, as far as anybody can tell. */
const SPENDING = { retries: 100, minTimeout: 100, factor: 1, timeout: 500 };
