import { monotonic } from './programs/journal.js';
import type { RegistryName, RingLab } from './ring-lab.js';
import type { View } from './sight.js';
import type { SitePair } from './wan.js';

/** What does not work while a fault lasts. */
export interface Broken {
  /** Sites that reach nobody, and nobody reaches. */
  readonly offline?: readonly string[];
  /** Members whose process is gone. */
  readonly gone?: readonly string[];
  /** Sites that do not reach each other, but everything else. */
  readonly cut?: readonly (readonly [string, string])[];
  /** Sites whose member reaches no registry, not even one beside it. */
  readonly unheard?: readonly string[];
  /** Registries whose process is gone. */
  readonly away?: readonly RegistryName[];
}

/** Something that breaks, and is mended again. Both resolve with the time of CLOCK_MONOTONIC right before, in milliseconds. */
export interface Fault {
  readonly kind: string;
  readonly name: string;
  readonly broken: Broken;
  /** What else has to be seen while it lasts. */
  readonly isShown?: (() => Promise<boolean>) | undefined;
  /** What else has to be seen when it is over. */
  readonly isHealed?: (() => Promise<boolean>) | undefined;
  apply(): Promise<number>;
  undo(): Promise<number>;
  /** What was lost by it, in words. */
  readonly lost?: (() => readonly string[]) | undefined;
}

/** What has to be seen of a check while something is broken; undefined where that is left open. */
export function expectedOf(
  { offline = [], gone = [], cut = [], unheard = [], away = [] }: Broken,
  { view, source, target, check }: { view: View; source: string; target: string; check: string },
  siteOf: (registry: RegistryName) => string,
): 'ok' | 'failed' | 'inconclusive' | undefined {
  const isCut = (a: string, b: string) => cut.some((pair) => pair.includes(a) && pair.includes(b));
  const reaches = (a: string, b: string) => a === b || !(offline.includes(a) || offline.includes(b) || isCut(a, b));
  if (gone.includes(source)) return undefined;
  // What the registry does not hear of, it shows as it was.
  const isHeard = (registry: RegistryName) => !unheard.includes(source) && reaches(source, siteOf(registry));
  if (view !== 'member' && (away.includes(view) || !isHeard(view))) return undefined;
  if (offline.includes(source)) return 'inconclusive';
  if (!reaches(source, target)) return 'failed';
  return gone.includes(target) && check !== 'ping' ? 'failed' : 'ok';
}

/** The faults that there are in a lab. */
export class Faults {
  readonly #ring: RingLab;

  constructor(ring: RingLab) {
    this.#ring = ring;
  }

  /** The cables of sites. */
  cables(...names: readonly string[]): Fault {
    const { lab } = this.#ring;
    return {
      kind: names.length > 1 ? 'two cables' : 'cable',
      name: `cable of ${names.join(', ')}`,
      broken: { offline: names },
      apply: () => first(names.map((name) => lab.pullCable(name))),
      undo: () => first(names.map((name) => lab.plugIn(name))),
    };
  }

  /** What is behind the cable takes nothing and gives nothing; only check hosts can tell. */
  silence(name: string): Fault {
    const { wan } = this.#ring;
    const site = this.#ring.site(name);
    return {
      kind: 'silence',
      name: `silence behind the cable of ${name}`,
      broken: { offline: [name] },
      apply: () => first([wan.silence(site)]),
      undo: () => first([wan.unsilence(site)]),
    };
  }

  /** The addresses of a site. */
  addresses(name: string): Fault {
    const { lab } = this.#ring;
    return {
      kind: 'address',
      name: `addresses of ${name}`,
      broken: { offline: [name], unheard: [name] },
      apply: () => first([lab.removeAddress(name)]),
      undo: () => first([lab.restoreAddress(name)]),
    };
  }

  /** The default routes of a site. */
  routes(name: string): Fault {
    const { lab } = this.#ring;
    return {
      kind: 'route',
      name: `default routes of ${name}`,
      broken: { offline: [name] },
      apply: () => first([lab.removeDefaultRoute(name)]),
      undo: () => first([lab.restoreDefaultRoute(name)]),
    };
  }

  /** The ways between some sites, in silence. */
  pairs(...pairs: readonly (readonly [string, string])[]): Fault {
    const { wan } = this.#ring;
    const cut = pairs.map(([a, b]): SitePair => [this.#ring.site(a), this.#ring.site(b)]);
    return {
      kind: pairs.length > 1 ? 'partition' : 'pair',
      name: `ways between ${pairs.map((pair) => pair.join('-')).join(', ')}`,
      broken: { cut: pairs },
      apply: () => first([wan.cutPairs(cut)]),
      undo: () => first([wan.mendPairs(cut)]),
    };
  }

  /** Three sites do not reach the three others, in silence. */
  partition(side: readonly string[]): Fault {
    const others = this.#names.filter((name) => !side.includes(name));
    return { ...this.pairs(...product(side, others)), name: `${side.join(', ')} against ${others.join(', ')}` };
  }

  /** The cable between the two halves of the sites. */
  backbone(): Fault {
    const { lab, wan } = this.#ring;
    const { host, interface: name } = wan.backbone;
    return {
      kind: 'backbone',
      name: 'cable between west and east',
      broken: { cut: product(this.#names.slice(0, 3), this.#names.slice(3)) },
      apply: () => first([lab.pullCable(host, { interface: name })]),
      undo: () => first([lab.plugIn(host, { interface: name })]),
    };
  }

  /** kill -9 of a member, which comes back under its own name. */
  member(name: string, registries?: readonly RegistryName[]): Fault {
    return {
      kind: 'member',
      name: `kill -9 of the member at ${name}`,
      broken: { gone: [name] },
      apply: () => now(() => this.#ring.killMember(name)),
      undo: () => after(() => this.#ring.startMember(name, registries)),
    };
  }

  /** kill -9 of a registry, which comes back with what was kept, or empty. */
  registry(name: RegistryName = 'first', { empty = false } = {}): Fault {
    const ring = this.#ring;
    const watched = new AcknowledgedReports(ring);
    return {
      kind: empty ? 'registry emptied' : 'registry',
      name: `kill -9 of the ${name} registry${empty ? ', which comes back empty' : ''}`,
      broken: { away: [name] },
      apply: () =>
        now(async () => {
          await ring.killRegistry(name);
          await watched.note();
        }),
      isShown: async () => (await ring.ask('/health', name)) === undefined,
      undo: () =>
        after(async () => {
          if (empty) {
            await ring.redis?.kill();
            await ring.redis?.resume({ empty: true });
          } else await watched.compare();
          await ring.startRegistry(name);
        }),
      lost: () => watched.lost,
    };
  }

  /** kill -9 of the registry and of Redis at the same time. */
  registryAndRedis(): Fault {
    const ring = this.#ring;
    const watched = new AcknowledgedReports(ring);
    return {
      ...this.registry(),
      kind: 'registry+redis',
      name: 'kill -9 of the registry and of Redis',
      apply: () =>
        now(async () => {
          await Promise.all([ring.killRegistry(), ring.redis?.kill()]);
          await watched.note();
        }),
      undo: () =>
        after(async () => {
          await ring.redis?.resume();
          await watched.compare();
          await ring.startRegistry();
        }),
      lost: () => watched.lost,
    };
  }

  /** kill -9 of Redis. */
  redis(): Fault {
    const ring = this.#ring;
    const status = async () => (await ring.ask('/health'))?.status;
    const watched = new AcknowledgedReports(ring);
    return {
      kind: 'redis',
      name: 'kill -9 of Redis',
      broken: {},
      apply: () =>
        now(async () => {
          await ring.redis?.kill();
          await watched.note();
        }),
      isShown: async () => (await status()) === 503,
      undo: () =>
        after(async () => {
          await ring.redis?.resume();
          await watched.compare();
        }),
      isHealed: async () => (await status()) === 200,
      lost: () => watched.lost,
    };
  }

  /** The clock of a member is set by so many milliseconds, and set right again. */
  clock(name: string, offset: number): Fault {
    const shift = async (by: number) => (await this.#ring.members.get(name)?.call('shiftClock', by)) ?? monotonic();
    return {
      kind: 'clock',
      name: `clock of ${name} ${offset / 1_000} s ${offset < 0 ? 'behind' : 'ahead'}`,
      broken: {},
      apply: () => shift(offset),
      undo: () => shift(0),
    };
  }

  get #names(): readonly string[] {
    return this.#ring.wan.sites.map(({ name }) => name);
  }
}

/** What was acknowledged has to be there afterwards. */
class AcknowledgedReports {
  readonly #ring: RingLab;
  #acknowledged: readonly (readonly [string, number])[] = [];
  #lost: readonly string[] = [];

  constructor(ring: RingLab) {
    this.#ring = ring;
  }

  get lost(): readonly string[] {
    return this.#lost;
  }

  /** After nobody acknowledges anything any more. */
  async note(): Promise<void> {
    const { members } = this.#ring;
    this.#acknowledged = await Promise.all(
      [...members].map(async ([name, member]) => [name, await member.call('acknowledged')] as const),
    );
  }

  /** As soon as there is somebody to ask. */
  async compare(): Promise<void> {
    const kept = await this.#ring.redis?.reportTimes();
    if (kept === undefined) return;
    this.#lost = this.#acknowledged
      .filter(([name, takenAt]) => (kept.get(name) ?? 0) < takenAt)
      .map(
        ([name, takenAt]) => `the report of ${name} of ${takenAt} was acknowledged; kept is that of ${kept.get(name)}`,
      );
  }
}

async function first(times: readonly Promise<bigint>[]): Promise<number> {
  const all = await Promise.all(times);
  return Math.min(...all.map((at) => Number(at) / 1e6));
}

async function now(work: () => Promise<unknown>): Promise<number> {
  const at = monotonic();
  await work();
  return at;
}

/** What takes its time to start is there when it has started. */
async function after(work: () => Promise<unknown>): Promise<number> {
  await work();
  return monotonic();
}

function product(side: readonly string[], others: readonly string[]): readonly (readonly [string, string])[] {
  return side.flatMap((a) => others.map((b) => [a, b] as const));
}
