import { readFileSync } from 'node:fs';
import { PATIENCE, until, within } from '../../lab/bounded.js';
import { type Actor, type CableKind, createLab, type Lab } from '../../lab/index.js';
import { type CompiledPrograms, compilePrograms } from './programs/compile.js';
import type { MemberProgram } from './programs/member-program.js';
import type { RegistryProgram } from './programs/registry-program.js';
import type { WatcherProgram } from './programs/watcher-program.js';
import { LabRedis } from './redis.js';
import { createWan, type Site, type Wan } from './wan.js';

/** How the ring of the lab runs. */
export interface RingLabOptions {
  /** Milliseconds from one check to the next; those of everything else follow from it. */
  readonly interval: number;
  /** Milliseconds for a handshake, and for an answer. @default the interval */
  readonly timeout?: number | undefined;
  /** @default 'veth' */
  readonly cable?: CableKind | undefined;
  /** Whether records are kept in a Redis. */
  readonly store: 'redis' | 'memory';
  /** Whether members ask for `/metrics` of each other, trace routes and measure bandwidths as well. @default false */
  readonly isBusy?: boolean | undefined;
}

/** One of two registries. The first is at s1, the second at s4. */
export type RegistryName = 'first' | 'second';

/** Six sites with a member each, and a registry. Everything is a process of its own and can be killed. */
export class RingLab implements AsyncDisposable {
  readonly options: RingLabOptions;
  readonly lab: Lab;
  readonly wan: Wan;
  readonly redis: LabRedis | undefined;
  readonly members = new Map<string, Actor<MemberProgram>>();
  readonly registries = new Map<RegistryName, Actor<RegistryProgram>>();
  readonly watchers = new Map<RegistryName, Actor<WatcherProgram>>();
  readonly #programs: CompiledPrograms;
  readonly #disposals: Disposals;
  /** Kilobytes that each process had at most, by its name, those included that have ended. */
  readonly #peaks = new Map<string, number>();

  private constructor(
    options: RingLabOptions,
    parts: Pick<RingLab, 'lab' | 'wan' | 'redis'>,
    programs: CompiledPrograms,
    disposals: Disposals,
  ) {
    this.options = options;
    this.lab = parts.lab;
    this.wan = parts.wan;
    this.redis = parts.redis;
    this.#programs = programs;
    this.#disposals = disposals;
  }

  /** The network and Redis, and nobody on it yet. */
  static async create(options: RingLabOptions): Promise<RingLab> {
    const disposals: (() => PromiseLike<unknown>)[] = [];
    try {
      const programs = await compilePrograms();
      disposals.push(() => programs[Symbol.asyncDispose]());
      const redis = options.store === 'redis' ? await LabRedis.start() : undefined;
      disposals.push(async () => redis?.[Symbol.asyncDispose]());
      const lab = await createLab();
      disposals.push(() => lab.dispose());
      return new RingLab(options, { lab, wan: await createWan(lab, options.cable), redis }, programs, disposals);
    } catch (error) {
      await disposeAll(disposals);
      throw error;
    }
  }

  /** Milliseconds for a handshake, and for an answer. */
  get timeout(): number {
    return this.options.timeout ?? this.options.interval;
  }

  /** Those that tell whether a member is there. */
  get checks(): readonly string[] {
    return ['tcp', 'ping', 'http /health', ...(this.options.isBusy === true ? ['http /metrics'] : [])];
  }

  site(name: string): Site {
    const site = this.wan.sites.find((each) => each.name === name);
    if (site === undefined) throw new Error(`there is no site ${name}`);
    return site;
  }

  siteOf(registry: RegistryName): Site {
    return this.site(SITES[registry]);
  }

  /** As members reach it: half of them by IPv6, and so they are reached by IPv6 themselves. */
  urlOf(registry: RegistryName, { name }: Site): string {
    const { ipv4, ipv6 } = this.siteOf(registry);
    return `http://${Number(name.slice(1)) % 2 === 0 ? `[${ipv6}]` : ipv4}:${REGISTRY_PORT}`;
  }

  async startRegistry(name: RegistryName = 'first', memberTtl?: number): Promise<void> {
    const registry = await this.siteOf(name).host.spawn<RegistryProgram>(this.#programs.path('registry'));
    this.registries.set(name, registry);
    await registry.call('start', { token: TOKEN, port: REGISTRY_PORT, redis: this.redis?.socket, memberTtl });
    if (this.watchers.has(name)) return;
    const watcher = await this.siteOf(name).host.spawn<WatcherProgram>(this.#programs.path('watcher'));
    this.watchers.set(name, watcher);
    await watcher.call('watch', LOCAL);
  }

  async killRegistry(name: RegistryName = 'first'): Promise<void> {
    const registry = this.registries.get(name);
    this.registries.delete(name);
    await this.#kill(`registry ${name}`, registry);
  }

  /** @param registries those that it knows of. */
  async startMember(name: string, registries: readonly RegistryName[] = ['first']): Promise<void> {
    const { interval, isBusy = false } = this.options;
    const site = this.site(name);
    const member = await site.host.spawn<MemberProgram>(this.#programs.path('member'));
    this.members.set(name, member);
    await member.call('start', {
      interval,
      timeout: this.timeout,
      checkHosts: this.wan.checkHosts,
      member: {
        instanceId: name,
        location: name,
        host: '::',
        port: MEMBER_PORT,
        token: TOKEN,
        registryUrl: registries.map((each) => this.urlOf(each, site)),
        pollInterval: interval,
        checkInterval: interval,
        heartbeatInterval: interval,
        reportInterval: interval,
        tcpTimeout: this.timeout,
        httpTimeout: this.timeout,
        ...(isBusy ? BUSY : IDLE),
      },
    });
  }

  async startMembers(registries?: readonly RegistryName[]): Promise<void> {
    await Promise.all(this.wan.sites.map(({ name }) => this.startMember(name, registries)));
  }

  async killMember(name: string): Promise<void> {
    const member = this.members.get(name);
    this.members.delete(name);
    await this.#kill(`member ${name}`, member);
  }

  /** What a path of a registry answers to somebody at its site; undefined where nobody answers. */
  async ask(path: string, name: RegistryName = 'first'): Promise<{ status: number; body: unknown } | undefined> {
    return this.watchers.get(name)?.call('ask', `${LOCAL}${path}`);
  }

  /** The ids of the members that a registry knows as being there. */
  async known(name: RegistryName = 'first'): Promise<readonly string[]> {
    const answer = await this.ask('/members', name);
    const members: unknown = Object(answer?.body).members;
    if (!Array.isArray(members)) return [];
    return members
      .filter((member) => Object(member).status === 'active')
      .map((member) => String(Object(member).instance_id))
      .sort();
  }

  /** Notes what each process needs. @returns kilobytes that each had at most, by its name. */
  measure(): ReadonlyMap<string, number> {
    for (const [name, { pid }] of this.members) this.#notePeak(`member ${name}`, pid);
    for (const [name, { pid }] of this.registries) this.#notePeak(`registry ${name}`, pid);
    if (this.redis?.pid !== undefined) this.#notePeak('redis', this.redis.pid);
    return this.#peaks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await disposeAll(this.#disposals);
  }

  async #kill(name: string, actor: Pick<Actor<unknown>, 'pid' | 'exited'> | undefined): Promise<void> {
    if (actor === undefined) throw new Error(`there is no ${name}`);
    this.#notePeak(name, actor.pid);
    process.kill(actor.pid, 'SIGKILL');
    // The lab's children do not keep this process alive; what waits for one does.
    await within(PATIENCE, () => `the end of the ${name}`, actor.exited);
  }

  #notePeak(name: string, pid: number): void {
    const [, kilobytes = '0'] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    this.#peaks.set(name, Math.max(this.#peaks.get(name) ?? 0, Number(kilobytes)));
  }
}

/** How to take away what was made, in the order of its making. */
type Disposals = readonly (() => PromiseLike<unknown>)[];

/** Takes away what was made last first, as the one may stand on the other. */
async function disposeAll(disposals: Disposals): Promise<void> {
  for (const dispose of [...disposals].reverse()) await dispose();
}

/** Resolves when a condition holds that has to be asked for. */
export function comesTrue(condition: () => Promise<boolean>): Promise<void> {
  return until(condition, () => String(condition), 3 * PATIENCE);
}

const SITES: Readonly<Record<RegistryName, string>> = { first: 's1', second: 's4' };
const TOKEN = 'the-token-of-the-lab';
const REGISTRY_PORT = 8_756;
const MEMBER_PORT = 8_757;
const LOCAL = `http://127.0.0.1:${REGISTRY_PORT}`;
const IDLE = { bandwidthInterval: 0, tracerouteInterval: 0, httpEndpoints: ['/health'] };
const BUSY = {
  bandwidthInterval: 30_000,
  firstBandwidthTest: 5_000,
  tracerouteInterval: 10_000,
  firstTraceroute: 5_000,
};
