import * as client from 'prom-client';
import { Gauge, Registry } from 'prom-client';
import type { NetworkMonitor } from '../../monitor/index.js';
import { collectPrometheus } from '../../observe/index.js';
import {
  createProbeMetrics,
  type ProbeMetrics,
  type ProbeSchedule,
  probeLabelNames,
  type ScheduledTask,
  type ScheduleHealth,
} from '../../probes/index.js';
import type { Page } from './serve.js';

/** What Prometheus reads of a schedule: results, the schedule itself, and this host's network. */
export class Metrics {
  readonly #register = new Registry();
  readonly #schedule: ProbeSchedule;
  readonly #gauges = GAUGES.map(([name, help, read]) => {
    const gauge = new Gauge({ name: `netpause_schedule_${name}`, help, registers: [this.#register] });
    return [gauge, read] as const;
  });
  /** Whatever changes them is done in turn. */
  #metrics: Promise<ProbeMetrics | undefined> = Promise.resolve(undefined);
  #labels: readonly string[] = [TASK];
  #detach = (): void => {};
  #page: Promise<Page> | undefined;

  constructor(schedule: ProbeSchedule) {
    this.#schedule = schedule;
  }

  /** Begins to count. */
  async open(monitor: NetworkMonitor): Promise<void> {
    const register = this.#register;
    this.#detach = await collectPrometheus({ monitor, register, client });
    this.#metrics = this.#create();
    this.#schedule.on('added', (task) => this.#announce(task));
    this.#schedule.on('removed', ({ name, target, probe }) =>
      // With the target it is found at once among thousands.
      this.#change((metrics) => metrics.remove({ probe, target, labels: { [TASK]: name } })),
    );
    this.#schedule.on('result', ({ task, result }) =>
      this.#change((metrics) => metrics.observe(result, this.#labelsOf(task))),
    );
    await this.#metrics;
  }

  close(): void {
    this.#detach();
    this.#change((metrics) => metrics.detach());
  }

  /** Whoever asks while it is put together gets the same: with thousands of targets that takes seconds, and a page has megabytes. */
  page(): Promise<Page> {
    this.#page ??= this.#read().finally(() => {
      this.#page = undefined;
    });
    return this.#page;
  }

  #create(): Promise<ProbeMetrics> {
    return createProbeMetrics({ register: this.#register, client, labels: this.#labels });
  }

  #change(change: (metrics: ProbeMetrics) => void): void {
    this.#metrics = this.#metrics.then((metrics) => {
      if (metrics !== undefined) change(metrics);
      return metrics;
    });
  }

  /** A metric has the labels that it was made with: for new ones it is made anew, which its counters take as a restart. */
  #announce({ labels }: ScheduledTask): void {
    const next = probeLabelNames([...this.#labels, ...Object.keys(labels)]);
    if (next.length === this.#labels.length) return;
    this.#labels = next;
    this.#metrics = this.#metrics.then((metrics) => {
      metrics?.detach();
      return createProbeMetrics({ register: this.#register, client, labels: next });
    });
  }

  #labelsOf({ name, labels }: ScheduledTask): Readonly<Record<string, string>> {
    const known = Object.entries(labels).filter(([label]) => this.#labels.includes(label) && label !== TASK);
    return { ...Object.fromEntries(known), [TASK]: name };
  }

  async #read(): Promise<Page> {
    await this.#metrics;
    const health = this.#schedule.health();
    for (const [gauge, read] of this.#gauges) gauge.set(read(health));
    return { status: 200, type: this.#register.contentType, body: Buffer.from(await this.#register.metrics()) };
  }
}

/** The label that tells tasks apart which probe the same target in different ways. */
const TASK = 'task';

const GAUGES: readonly (readonly [name: string, help: string, read: (health: ScheduleHealth) => number])[] = [
  ['tasks', 'Tasks that there are.', ({ tasks }) => tasks.length],
  ['dead_tasks', 'Tasks that have given no result for some intervals.', ({ dead }) => dead],
  ['in_flight', 'Probes that are in flight.', ({ inFlight }) => inFlight],
  ['queued', 'Tasks that wait for a place.', ({ queued }) => queued],
  [
    'paused',
    'Whether the schedule is paused, since this host is offline.',
    ({ status }) => Number(status === 'paused'),
  ],
];
