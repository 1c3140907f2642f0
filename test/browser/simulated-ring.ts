import { type CheckRecord, createRegistry, type Registry, type RegistryOptions } from '../../src/ring/index.js';

/** One member that is only told of. */
export interface SimulatedMember {
  readonly id: string;
  readonly location: string;
}

export interface SimulatedRingOptions extends RegistryOptions {
  readonly members: readonly SimulatedMember[];
}

/** What a check comes to; what is not given is ok. */
export type Finding = Partial<Omit<CheckRecord, 'target' | 'target_location' | 'target_ip'>>;

/** A registry, and members that exist in what they say to it only. */
export class SimulatedRing implements AsyncDisposable {
  #registry: Registry;
  readonly #options: SimulatedRingOptions;

  private constructor(registry: Registry, options: SimulatedRingOptions) {
    this.#registry = registry;
    this.#options = options;
  }

  static async start(options: SimulatedRingOptions): Promise<SimulatedRing> {
    const ring = new SimulatedRing(await start(options), options);
    await ring.join();
    return ring;
  }

  get url(): string {
    return this.#registry.url;
  }

  get members(): readonly SimulatedMember[] {
    return this.#options.members;
  }

  /** Says that all are there. */
  async join(members = this.members): Promise<void> {
    for (const [index, { id, location }] of members.entries()) {
      await this.say('/register', { instance_id: id, location, ip: addressOf(index), port: 8757, version: '0.1.0' });
    }
  }

  /** Reports what a member finds of each other one: all types, unless it says otherwise. */
  async report(source: SimulatedMember, finding: FindingOf = () => ({}), extra: object = {}): Promise<void> {
    const now = Date.now();
    const checks = this.members.flatMap((target, index) =>
      target.id === source.id ? [] : TYPES.flatMap((type) => checkOf(source, target, index, type, finding, now)),
    );
    await this.say('/report_metrics', { instance_id: source.id, taken_at: now, metrics: { checks, ...extra } });
  }

  async reportAll(finding?: FindingOf): Promise<void> {
    for (const source of this.members) await this.report(source, finding);
  }

  async say(path: string, body: object): Promise<void> {
    const token = Array.isArray(this.#options.tokens) ? this.#options.tokens[0] : undefined;
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  /** The registry goes, and with it all that it knows. */
  async stop(): Promise<void> {
    await this.#registry.close();
  }

  /** Another one comes at the same address. */
  async restart(): Promise<void> {
    this.#registry = await start({ ...this.#options, port: this.#registry.port });
    await this.join();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** What a member finds of another one. */
export type FindingOf = (
  source: SimulatedMember,
  target: SimulatedMember,
  type: CheckRecord['type'],
) => Finding | undefined;

const TYPES: readonly CheckRecord['type'][] = ['tcp', 'http', 'ping', 'bandwidth', 'traceroute'];

function start({ members: _members, ...options }: SimulatedRingOptions): Promise<Registry> {
  return createRegistry({ port: 0, rate: { perSecond: 1e6, burst: 1e6 }, ...options });
}

function addressOf(index: number): string {
  return `192.0.2.${index + 1}`.replace(/\.(\d{4,}|[3-9]\d\d|2[6-9]\d|25[6-9])$/, `.${(index % 250) + 1}`);
}

function checkOf(
  source: SimulatedMember,
  target: SimulatedMember,
  index: number,
  type: CheckRecord['type'],
  finding: FindingOf,
  now: number,
): readonly CheckRecord[] {
  const found = finding(source, target, type);
  if (found === undefined) return [];
  const latency = latencyBetween(source, target);
  const measured = {
    tcp: { latency_ms: latency },
    http: { latency_ms: latency * 2.1 + 1 },
    ping: { latency_ms: latency * 0.97, loss: 0, jitter_ms: latency * 0.04 },
    bandwidth: { latency_ms: 400, bandwidth_mbps: 9_000 / (latency + 8) },
    traceroute: { latency_ms: 900, hops: hopsBetween(source, target, latency, addressOf(index)) },
  }[type];
  const about = { type, target: target.id, target_location: target.location, target_ip: addressOf(index) };
  const ok = { verdict: 'ok', at: now - 7_000, ...measured } as const;
  return [
    {
      ...about,
      ...(found.verdict === undefined || found.verdict === 'ok' ? ok : { verdict: 'ok', at: now }),
      ...found,
    },
  ];
}

/** The same in both directions, and every time. Of one location, below a millisecond. */
function latencyBetween(a: SimulatedMember, b: SimulatedMember): number {
  if (a.location === b.location) return 0.2 + (hash(`${a.id}${b.id}`) % 50) / 100;
  const [first, second] = [a.location, b.location].sort();
  return 4 + (hash(`${first} ${second}`) % 95) + (hash(a.id) % 9) / 10;
}

function hopsBetween(a: SimulatedMember, b: SimulatedMember, latency: number, address: string): CheckRecord['hops'] {
  const first = (name: string) => `198.51.100.${hash(name) % 200}`;
  return [
    { hop: 1, ip: first(a.location), latency_ms: latency * 0.1 },
    { hop: 2, ip: `203.0.113.${hash(`${a.location}`) % 4}`, latency_ms: latency * 0.3 },
    { hop: 3, ip: first(b.location), latency_ms: latency * 0.9 },
    { hop: 4, ip: address, latency_ms: latency },
  ];
}

function hash(text: string): number {
  let value = 7;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return value >>> 3;
}

/** So many members, spread over sites. */
export function membersOf(count: number, perSite = 1): readonly SimulatedMember[] {
  return Array.from({ length: count }, (_, index) => {
    const site = Math.floor(index / perSite);
    const name = SITES[site % SITES.length] ?? 'site';
    const round = Math.floor(site / SITES.length);
    return {
      id: `${name}-${(index % perSite) + 1}${round > 0 ? `-${round + 1}` : ''}`,
      location: round > 0 ? `${name}-${round + 1}` : name,
    };
  });
}

const SITES = [
  'ams1',
  'cdg2',
  'dub1',
  'fra1',
  'gru1',
  'hkg1',
  'iad2',
  'jnb1',
  'lhr3',
  'mad1',
  'nrt1',
  'ord1',
  'pdx2',
  'sin1',
  'sto1',
  'syd1',
  'waw1',
  'yul1',
  'zrh1',
  'bom1',
];
