import { Resolver } from 'node:dns/promises';
import { toError } from '../../errors/index.js';
import { probeDns } from '../dns/probe-dns.js';
import { readSrvSelection, type SrvHost, type SrvSelection, srvHostOf, tasksOf } from './srv-selection.js';
import type { TaskSink, TaskSource } from './task-source.js';

/** What DNS says of a service. */
export interface SrvAnswer {
  readonly hosts: readonly SrvHost[];
  /** Seconds. */
  readonly ttl: number;
}

/** @throws {Error} where it could not be found out. */
export type LookUpSrv = (srv: string, server: string | undefined, signal: AbortSignal) => Promise<SrvAnswer>;

/** A source reads again after the TTL, but no more often than this, nor more rarely. Milliseconds. */
const SHORTEST = 5_000;
const LONGEST = 3_600_000;

/** After a failure it is tried again so soon, in milliseconds. */
const RETRY = 30_000;

/**
 * The hosts of a service as tasks, read again whenever the TTL of the records has passed. While they cannot be read, the known ones stay.
 *
 * @throws {InvalidOptionError} where something is wrong with the selection.
 *
 * @example
 * schedule.addSource(tasksFromSrv({ srv: '_ldap._tcp.example.com', probe: 'tcp', interval: 10_000 }));
 */
export function tasksFromSrv(selection: SrvSelection): TaskSource {
  return new SrvSource(readSrvSelection('tasksFromSrv', selection), lookUpSrv);
}

/** See {@link tasksFromSrv}. */
export class SrvSource implements TaskSource {
  readonly #selection: SrvSelection;
  readonly #lookUp: LookUpSrv;
  #sink: TaskSink | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ending = new AbortController();
  #reading: Promise<void> | undefined;
  #hosts: readonly SrvHost[] = [];

  constructor(selection: SrvSelection, lookUp: LookUpSrv) {
    this.#selection = selection;
    this.#lookUp = lookUp;
  }

  /** As they were last known. */
  get hosts(): readonly SrvHost[] {
    return this.#hosts;
  }

  async start(sink: TaskSink): Promise<void> {
    this.#sink = sink;
    this.#ending = new AbortController();
    await this.refresh();
  }

  /** Does nothing before it is started. */
  async refresh(): Promise<void> {
    if (this.#sink === undefined) return;
    this.#reading ??= this.#read(this.#ending.signal);
    const reading = this.#reading;
    await reading;
    // Another may have begun since, after a stop.
    if (this.#reading === reading) this.#reading = undefined;
  }

  stop(): void {
    this.#sink = undefined;
    this.#ending.abort(new Error('the source was stopped'));
    clearTimeout(this.#timer);
    this.#reading = undefined;
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { srv, server } = this.#selection;
    let wait = RETRY;
    try {
      const { hosts, ttl } = await this.#lookUp(srv, server, signal);
      if (signal.aborted) return;
      wait = Math.min(Math.max(ttl * 1_000, SHORTEST), LONGEST);
      this.#sink?.replace(tasksOf('tasksFromSrv', this.#selection, hosts));
      this.#hosts = hosts;
    } catch (error) {
      if (signal.aborted) return;
      this.#sink?.fail(new Error(`the hosts of ${srv} could not be read: ${toError(error).message}`, { cause: error }));
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), wait).unref();
  }
}

/** By the server that is named, or else by the system's one after the other: what `node:dns` tells of SRV records lacks their TTL. */
export const lookUpSrv: LookUpSrv = async (srv, server, signal) => {
  // A new resolver each time: it reads the system's name servers when it is made, and those change with the network.
  const servers = server === undefined ? new Resolver().getServers() : [server];
  let problem = 'there is no name server';
  for (const each of servers) {
    const result = await probeDns(srv, { type: 'SRV', server: each, retries: 2, timeout: TIMEOUT }, { signal });
    if (result.status === 'ok') return answerOf(result.facts);
    problem = result.message ?? result.status;
  }
  throw new Error(problem);
};

/** Milliseconds for one server. */
const TIMEOUT = 5_000;

function answerOf({ answers, ttl = 0 }: Awaited<ReturnType<typeof probeDns>>['facts']): SrvAnswer {
  const hosts = answers.filter(({ type }) => type === 'SRV').flatMap(({ data }) => srvHostOf(data) ?? []);
  return { hosts, ttl };
}
