import { Gauge, Registry } from '#prom-client';
import type { RecordStore } from '../../store/index.js';
import type { LocationVerdict } from '../expected/index.js';
import type { RingBook } from './ring-book.js';

/** What the metrics are taken from. */
export interface RegistryFacts {
  readonly book: RingBook;
  readonly store: RecordStore;
  /** What is known of each expected location; nothing where nobody in particular is expected. */
  readonly locations: () => readonly LocationVerdict[];
}

/** The page that Prometheus scrapes of a registry: made anew each time, so that what has gone leaves no series behind. */
export async function registryPage(facts: RegistryFacts): Promise<{ readonly type: string; readonly text: string }> {
  const register = new Registry();
  addMembers(register, facts);
  addStore(register, facts);
  addExpected(register, facts);
  return { type: register.contentType, text: await register.metrics() };
}

/** By Netring's names, of which `_total` on a gauge is none that promtool likes, and by ones that it does. */
function addMembers(register: Registry, { book }: RegistryFacts): void {
  const members = book.active();
  const registers = [register];
  new Gauge({ name: 'netring_members_total', help: 'Members that are there.', registers }).set(members.length);
  new Gauge({ name: 'netring_members', help: 'Members that are there.', registers }).set(members.length);
  const labelNames = ['location', 'instance_id'] as const;
  const help = 'When the registry has heard of a member last, in seconds since 1970.';
  const names = ['netring_member_last_seen_timestamp', 'netring_member_last_seen_timestamp_seconds'];
  for (const gauge of names.map((name) => new Gauge({ name, help, labelNames, registers }))) {
    for (const { location, instance_id, last_seen } of members) gauge.set({ location, instance_id }, last_seen);
  }
}

function addStore(register: Registry, { book, store }: RegistryFacts): void {
  const registers = [register];
  const { kind, reachable, unsynced } = store.health;
  new Gauge({
    name: 'netring_store_reachable',
    help: '1 where the shared store can be reached, 0 while it is away.',
    labelNames: ['kind'],
    registers,
  }).set({ kind }, Number(reachable));
  new Gauge({
    name: 'netring_store_unsynced_records',
    help: 'Records that the shared store does not know yet.',
    registers,
  }).set(unsynced);
  new Gauge({ name: 'netring_reporting_members', help: 'Members whose last report still counts.', registers }).set(
    book.reports().length,
  );
}

function addExpected(register: Registry, { locations }: RegistryFacts): void {
  const labelNames = ['location', 'criticality'] as const;
  const registers = [register];
  const gauges = {
    expected: new Gauge({
      name: 'netring_expected_members',
      help: 'Members that should be there.',
      labelNames,
      registers,
    }),
    missing: new Gauge({
      name: 'netring_missing_members',
      help: 'Members that should be there and are not.',
      labelNames,
      registers,
    }),
    overdue: new Gauge({
      name: 'netring_overdue_members',
      help: 'Missing members whose grace period is over.',
      labelNames,
      registers,
    }),
  };
  for (const { location, criticality, expected, missing, overdue } of locations()) {
    gauges.expected.set({ location, criticality }, expected);
    gauges.missing.set({ location, criticality }, missing);
    gauges.overdue.set({ location, criticality }, overdue);
  }
}
