import { type ResolveHost, resolveHost } from '../../probes/index.js';
import type { Listening } from '../../server/index.js';
import { type MemberFacts, MemberMetrics } from '../metrics/index.js';
import { type CheckRecord, type MemberRecord, netringGroups, WIRE_LIMITS } from '../wire/index.js';
import type { AllowList } from './allow-list.js';
import { BandwidthTests } from './bandwidth-tests.js';
import { BandwidthTurns } from './bandwidth-turns.js';
import { CheckDesk } from './check-desk.js';
import { Delivery } from './delivery.js';
import { KnownMembers } from './known-members.js';
import { type MemberHealth, memberHealth } from './member-health.js';
import { MemberLog } from './member-log.js';
import type { MemberMonitor, MemberOptions, MemberSettings } from './member-options.js';
import { createMemberService, type MemberService } from './member-service.js';
import { OutageLog } from './outage-log.js';
import { watchOutages } from './outage-watch.js';
import { Registration } from './registration.js';
import { RegistryClient } from './registry-client.js';
import { RegistryContact } from './registry-contact.js';
import { ReportQueue } from './report-queue.js';
import { Reporter } from './reporter.js';
import { ResultBoard } from './result-board.js';
import type { TaskDefinition } from './supervised-task.js';
import { Supervisor } from './supervisor.js';
import { wayToRegistries } from './way-to-registries.js';

/** What a member is made of. */
export interface MemberParts {
  readonly settings: MemberSettings;
  readonly allowed: AllowList;
  readonly monitor: MemberMonitor | undefined;
  readonly options: Pick<MemberOptions, 'resolve' | 'logger' | 'logLevel'>;
}

/** Milliseconds for leaving the ring. */
const TIME_TO_LEAVE = 2_000;
/** Milliseconds after which a call to the registry comes back, to show that it is alive. */
const PATIENCE = 60_000;
/** Milliseconds until a task looks again whether there is anything to do, unless it is woken. */
const IDLE = 10_000;

/** Holds the parts of a member together: what the tasks do, and what follows from results, members that go and outages. */
export class RunningMember {
  readonly #settings: MemberSettings;
  readonly #monitor: MemberMonitor | undefined;
  readonly #log: MemberLog;
  readonly #contact: RegistryContact;
  readonly #client: RegistryClient;
  readonly #registration: Registration;
  readonly #known: KnownMembers;
  readonly #board = new ResultBoard();
  readonly #outages = new OutageLog();
  readonly #queue = new ReportQueue((outages) => this.#outages.giveBack(outages));
  readonly #metrics: MemberMetrics;
  readonly #reporter: Reporter;
  readonly #delivery: Delivery;
  readonly #desk: CheckDesk;
  readonly #bandwidth: BandwidthTests;
  readonly #service: MemberService;
  readonly #supervisor: Supervisor;
  readonly #closing = new AbortController();
  #unwatch = (): void => {};
  #closed: Promise<void> | undefined;
  /** In how many looks at the members in a row. */
  #namesakeSeen = 0;

  /** @throws {InvalidOptionError} */
  constructor({ settings, allowed, monitor, options }: MemberParts) {
    const { registryUrls, token, instanceId: id, location, heartbeatInterval, pollInterval, taskTimeout } = settings;
    const resolve: ResolveHost = options.resolve ?? resolveHost;
    this.#settings = settings;
    this.#monitor = monitor;
    const log = new MemberLog(options.logger, options.logLevel);
    this.#log = log;
    this.#contact = new RegistryContact(log);
    const contact = this.#contact;
    const connectTimeout = settings.tcpTimeout;
    this.#client = new RegistryClient({ urls: registryUrls, token, connectTimeout, resolve, contact });
    this.#registration = new Registration(this.#client, settings, resolve);
    this.#known = new KnownMembers(2 * heartbeatInterval + pollInterval);
    this.#metrics = new MemberMetrics({ id, location });
    this.#reporter = new Reporter({
      board: this.#board,
      outages: this.#outages,
      queue: this.#queue,
      // Each has its share of what a registry keeps.
      room: () => Math.min(WIRE_LIMITS.reportBytes, WIRE_LIMITS.ringBytes / (this.#known.size + 1)),
      groups: (checks) =>
        this.#registration.readsChecks ? undefined : netringGroups(checks, { id, location, members: this.#known.size }),
      onReport: () => this.#supervisor.wake(DELIVERY),
    });
    this.#delivery = new Delivery(
      { client: this.#client, registration: this.#registration, queue: this.#queue, log },
      wayToRegistries(registryUrls, () => this.#client.url, monitor),
      { patience: Math.min(PATIENCE, taskTimeout / 4), reportInterval: settings.reportInterval },
    );
    const known = this.#known;
    const turns = new BandwidthTurns(id, () => known.list.map((each) => each.instance_id), settings.timetable);
    const onRecord = this.#note.bind(this);
    const checking = { settings, known, allowed, monitor, resolve: allowed.guard(resolve), log, onRecord };
    this.#desk = new CheckDesk({ ...checking, failing: () => this.#board.failing });
    this.#bandwidth = new BandwidthTests({ ...checking, turns });
    this.#service = createMemberService(
      settings,
      {
        health: () => this.health(),
        metricsPage: () => this.#metrics.page(this.#facts()),
        // Whoever is no member is told so without a look at the timetable, which takes time in a large ring.
        judgeClaim: (claim) =>
          known.get(claim.source) === undefined ? { isAllowed: false, reason: 'pair' } : turns.judge(claim, Date.now()),
      },
      allowed,
    );
    this.#supervisor = new Supervisor(taskTimeout, this.#tasks(), {
      failed: (task, error) => {
        if (!this.#contact.hasNoted(error)) log.write('warn', 'task failed', { task }, error);
      },
      restarted: (task) => log.write('error', 'task gave no sign of life and is started again', { task }),
    });
  }

  /** @throws {Error} of `node:net` where it cannot listen. */
  async start(): Promise<Listening> {
    const listening = await this.#service.web.listen();
    this.#registration.listensAt(listening.port);
    if (this.#monitor !== undefined) {
      this.#unwatch = watchOutages(this.#monitor, this.#outages, {
        onOffline: (reason) => this.#onOffline(reason),
        onOnline: () => this.#onOnline(),
      });
    }
    this.#supervisor.start(this.#closing.signal);
    this.#log.write('info', 'member started', { url: listening.url, location: this.#settings.location });
    return listening;
  }

  health(): MemberHealth {
    const standings = this.#supervisor.standings;
    return memberHealth(this.#settings, {
      standings,
      isDead: (standing) => this.#supervisor.isDead(standing),
      interval: this.#supervisor.interval,
      members: this.#known.size,
      registry: this.#client.url,
      registration: this.#registration,
      lastAnswer: this.#client.lastAnswer,
      trouble: this.#contact.trouble,
      network: this.#monitor,
      reports: this.#reports,
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new Error('the member was closed'));
    this.#unwatch();
    this.#reporter.close();
    await Promise.all([this.#desk.stop(), this.#leave(), this.#service.close()]);
  }

  async #leave(): Promise<void> {
    const { mayBeKnown, self } = this.#registration;
    if (!mayBeKnown) return;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error('there is no more time to leave')), TIME_TO_LEAVE);
    await this.#client
      .deregister(self.id, late.signal)
      // The registry finds out by itself.
      .catch((error: unknown) => this.#log.write('info', 'not deregistered', {}, error))
      .finally(() => clearTimeout(timer));
  }

  /** By the names that Netring gives to its tasks, and two that it does not have. */
  #tasks(): readonly TaskDefinition[] {
    const { heartbeatInterval, pollInterval, checkInterval, reportInterval } = this.#settings;
    const { tracerouteInterval, firstTraceroute, bandwidthInterval, firstBandwidthTest } = this.#settings;
    const repeat = (name: string, interval: number, step: TaskDefinition['step'], delay = 0): TaskDefinition => ({
      name,
      interval,
      step,
      delay,
    });
    return [
      repeat(REGISTRATION, IDLE, (signal) => this.#register(signal)),
      repeat(HEARTBEAT, heartbeatInterval, (signal) => this.#heartbeat(signal), heartbeatInterval),
      repeat(POLLING, pollInterval, (signal) => this.#poll(signal)),
      repeat('connectivity_check', checkInterval, () => this.#check()),
      repeat('metrics_reporting', reportInterval, async () => this.#report(), reportInterval),
      repeat(DELIVERY, IDLE, async (signal) => ((await this.#delivery.deliver(signal)) ? undefined : 0)),
      ...(bandwidthInterval === 0
        ? []
        : [repeat('bandwidth_test', IDLE, (signal) => this.#bandwidth.step(signal), firstBandwidthTest)]),
      ...(tracerouteInterval === 0
        ? []
        : [repeat('traceroute_test', checkInterval, () => done(this.#desk.traceRoutes()), firstTraceroute)]),
    ];
  }

  async #register(signal: AbortSignal): Promise<undefined> {
    if (this.#registration.isRegistered) return;
    await this.#delivery.register(signal);
    this.#supervisor.wake(POLLING);
  }

  #report(): undefined {
    this.#reporter.report();
  }

  async #heartbeat(signal: AbortSignal): Promise<undefined> {
    const { isRegistered, self } = this.#registration;
    if (!isRegistered) return;
    const hasMoved = await this.#registration.hasMoved(signal);
    const isKnown = !hasMoved && (await this.#client.heartbeat(self.id, signal)) === 'known';
    if (isKnown) return;
    this.#log.write('info', hasMoved ? 'the address has changed' : 'the registry has forgotten this member');
    this.#registration.forget();
    this.#supervisor.wake(REGISTRATION);
  }

  async #poll(signal: AbortSignal): Promise<undefined> {
    const told = await this.#client.members(signal);
    const { left, isChanged, namesake } = this.#known.update(told, this.#registration.self, performance.now());
    this.#noteNamesake(namesake);
    for (const member of left) this.#forget(member);
    if (!isChanged) return;
    this.#log.write('info', 'members changed', { members: this.#known.size });
    await this.#desk.review();
  }

  /** Seen once, it may be this member itself, before it moved. */
  #noteNamesake(namesake: MemberRecord | undefined): void {
    this.#namesakeSeen = namesake !== undefined && this.#registration.isRegistered ? this.#namesakeSeen + 1 : 0;
    if (namesake === undefined || this.#namesakeSeen !== 2) return;
    this.#log.write('error', 'another member has the same id, and the others see only one of the two', {
      ip: namesake.ip,
      port: namesake.port,
    });
  }

  #forget(member: MemberRecord): void {
    this.#board.forget(member.instance_id);
    this.#metrics.forget(member);
    this.#bandwidth.forget(member.instance_id);
    this.#reporter.noteChange();
  }

  /** @param duration of the check, in milliseconds. */
  #note(record: CheckRecord, duration: number): void {
    this.#metrics.observe(record, duration);
    if (!this.#board.note(record)) return;
    const { type, endpoint, target, target_location: location, verdict, reason } = record;
    this.#log.write('info', 'verdict changed', { type, endpoint, target, location, verdict, reason });
    this.#reporter.noteChange();
  }

  #onOffline(reason: string): void {
    this.#log.write('warn', 'offline', { reason });
    this.#reporter.noteChange();
    // Whoever hears of it first: the judgement of the ways to the others may come after that of the host.
    setImmediate(() => this.#markOffline());
  }

  #markOffline(): void {
    if (this.#outages.current !== undefined) this.#desk.markOffline(this.#board.records);
  }

  async #check(): Promise<undefined> {
    this.#markOffline();
    await this.#desk.checkConnectivity();
  }

  #onOnline(): void {
    this.#log.write('info', 'online again');
    this.#reporter.noteChange();
    for (const task of [REGISTRATION, HEARTBEAT, POLLING]) this.#supervisor.wake(task);
    void this.#desk
      .checkAgain()
      .catch((error: unknown) => this.#log.write('error', 'could not check again', {}, error));
  }

  get #reports(): MemberFacts['reports'] {
    const { size: pending, dropped } = this.#queue;
    return { pending, dropped, delivered: this.#delivery.delivered };
  }

  #facts(): MemberFacts {
    const { current, count, duration } = this.#outages;
    return {
      members: this.#known.list,
      records: this.#board.records,
      isRegistered: this.#registration.isRegistered,
      outages: { isOffline: current !== undefined, count, duration },
      reports: this.#reports,
      tasks: this.#supervisor.standings,
    };
  }
}

const REGISTRATION = 'registration';
const HEARTBEAT = 'heartbeat';
const POLLING = 'member_polling';
const DELIVERY = 'report_delivery';

/** When the next step comes, is not decided by what this one has done. */
async function done(work: Promise<unknown>): Promise<undefined> {
  await work;
}
