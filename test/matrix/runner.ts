import { labSupport } from '../lab/index.js';
import { broken, type Detection, type Finding, judge } from './judge.js';
import type { Observation } from './observation.js';
import { CannotPlay, type Scale, type Scenario } from './scenario.js';
import { Stage } from './stage.js';
import type { Topology } from './topologies.js';

/** How a scenario went. */
export type Result = {
  readonly scenario: Scenario;
  /** Milliseconds. */
  readonly duration: number;
} & (({ readonly outcome: 'played' } & Played) | { readonly outcome: 'skipped'; readonly reason: string });

interface Played {
  readonly findings: readonly Finding[];
  readonly detections: readonly Detection[];
  /** What was seen, for those who want to know how it came to that. */
  readonly observations: readonly Observation[];
}

/** Who plays the scenarios: it keeps the stage of the last topology, and builds another where one has been left in disorder. */
export class Troupe implements AsyncDisposable {
  #topology: Topology | undefined;
  #stage: Stage | undefined;

  /** Never rejects: what goes wrong in a scenario is a finding. */
  async play(scenario: Scenario, scale: Scale): Promise<Result> {
    const startedAt = performance.now();
    const outcome = await this.#outcome(scenario, scale);
    return { scenario, duration: performance.now() - startedAt, ...outcome };
  }

  async dispose(): Promise<void> {
    const stage = this.#stage;
    this.#stage = undefined;
    this.#topology = undefined;
    await stage?.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #outcome(scenario: Scenario, scale: Scale): Promise<Outcome> {
    const lacking = await lack(scenario);
    if (lacking !== undefined) return { outcome: 'skipped', reason: lacking };
    try {
      return await within(scenario, this.#perform(scenario, scale));
    } catch (error) {
      // In what state it has left its network nobody knows.
      await this.dispose().catch(() => {});
      if (error instanceof CannotPlay) return { outcome: 'skipped', reason: error.message };
      return { outcome: 'played', findings: [broken(describe(error))], detections: [], observations: [] };
    }
  }

  async #perform(scenario: Scenario, scale: Scale): Promise<Outcome> {
    const stage = await this.#stageFor(scenario.topology);
    const { observations, findings = [] } = await scenario.play(stage, scale);
    const judgements = observations.map(judge);
    const all = [...findings, ...judgements.flatMap((each) => each.findings)];
    if (all.length > 0) await this.dispose();
    const detections = judgements.flatMap((each) => each.detections);
    return { outcome: 'played', findings: all, detections, observations };
  }

  async #stageFor(topology: Topology): Promise<Stage> {
    if (this.#stage !== undefined && this.#topology === topology) return this.#stage;
    await this.dispose();
    this.#topology = topology;
    this.#stage = await Stage.open(topology);
    return this.#stage;
  }
}

type Outcome = ({ readonly outcome: 'played' } & Played) | { readonly outcome: 'skipped'; readonly reason: string };

export interface Settings {
  readonly scale: Scale;
  /** How many topologies are played on at once. */
  readonly lanes: number;
  onResult(result: Result): void;
}

/** Plays scenarios, those of one topology one after the other; those that must be alone come last. */
export async function playAll(scenarios: readonly Scenario[], settings: Settings): Promise<readonly Result[]> {
  const results: Result[] = [];
  const together = byTopology(scenarios.filter(({ alone }) => alone !== true));
  const alone = byTopology(scenarios.filter((each) => each.alone === true));
  const onResult = (result: Result) => {
    results.push(result);
    settings.onResult(result);
  };
  await playLanes(together, { ...settings, onResult });
  await playLanes(alone, { ...settings, onResult, lanes: 1 });
  return results;
}

/** In an order in which few stages have to be built: by topology, and at the end those that must be alone. */
export function inPlayingOrder(scenarios: readonly Scenario[]): readonly Scenario[] {
  const isAlone = (scenario: Scenario) => scenario.alone === true;
  return [scenarios.filter((each) => !isAlone(each)), scenarios.filter(isAlone)].flatMap(byTopology).flat();
}

async function playLanes(
  groups: readonly (readonly Scenario[])[],
  { lanes, scale, onResult }: Settings,
): Promise<void> {
  const queue = [...groups];
  const playLane = async () => {
    await using troupe = new Troupe();
    for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
      for (const scenario of group) {
        onResult(await troupe.play(scenario, scale));
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, playLane));
}

/** The longest first, so that the lanes end together. */
function byTopology(scenarios: readonly Scenario[]): readonly (readonly Scenario[])[] {
  const groups = new Map<Topology, Scenario[]>();
  for (const scenario of scenarios) {
    const group = groups.get(scenario.topology) ?? [];
    groups.set(scenario.topology, group);
    group.push(scenario);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

async function lack({ topology, needs = [] }: Scenario): Promise<string | undefined> {
  const support = await labSupport();
  if (!support.available) return support.reason;
  for (const need of [...(topology.needs ?? []), ...needs]) {
    const feature = support[need];
    if (!feature.available) return feature.reason;
  }
  return undefined;
}

const SECONDS = 60;

async function within(scenario: Scenario, outcome: Promise<Outcome>): Promise<Outcome> {
  const { seconds = SECONDS } = scenario;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${seconds} s`)), seconds * 1_000);
  });
  // It may still fail when nobody waits for it any more.
  outcome.catch(() => {});
  try {
    return await Promise.race([outcome, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
