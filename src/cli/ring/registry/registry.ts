import { NetworkMonitor } from '../../../monitor/index.js';
import {
  createRegistry,
  createRingStore,
  type ExpectedMembers,
  MemoryStore,
  type RecordStore,
  type Registry,
} from '../../../ring/index.js';
import { EXIT } from '../../exit-codes.js';
import { Cleanups } from '../cleanups.js';
import { complaintOf, type OptionSources } from '../option-complaint.js';
import { RingLog } from '../ring-log.js';
import { keepHeapSmall } from '../small-heap.js';
import { aborted, untilSignalled } from '../until-signalled.js';
import { describeRegistry, memberCount } from './describe-registry.js';
import { gatherSettings } from './gather-settings.js';
import { isForThisHost, watchesItself } from './own-network.js';
import { shownRedisUrl } from './redis-url.js';
import { readExpected, readTls } from './registry-files.js';
import type { RegistryFlags } from './registry-flags.js';
import type { RegistrySettings } from './registry-settings.js';
import { RegistryTokens } from './registry-tokens.js';
import { keepDiary, noteAlert } from './ring-diary.js';

/** Runs a registry until it is told to stop, and resolves with the exit code. */
export async function registry(path: string | undefined, flags: RegistryFlags): Promise<number> {
  const { settings, sources, doubts } = await gatherSettings(path, flags, process.env);
  const log = new RingLog({ level: settings.logLevel ?? 'info', json: flags.json === true });
  const onSignal = (signal: NodeJS.Signals): void => log.announce([`${signal}: stopping`], 'stopping', { signal });
  // SIGHUP has it read its tokens again.
  await untilSignalled(['SIGTERM', 'SIGINT', 'SIGQUIT'], onSignal, (signal) => {
    for (const { message, fields } of doubts) log.write('warn', message, fields);
    return run({ settings, sources, log }, signal);
  });
  log.announce(['stopped'], 'stopped');
  return EXIT.ok;
}

interface RegistryRun {
  readonly settings: RegistrySettings;
  readonly sources: OptionSources;
  readonly log: RingLog;
}

async function run(given: RegistryRun, signal: AbortSignal): Promise<void> {
  const { settings, sources, log } = given;
  await using cleanups = new Cleanups();
  const tokens = await RegistryTokens.open(settings, log);
  cleanups.add(() => tokens.close());
  const [tls, expected] = await Promise.all([readTls(settings), readExpected(settings)]);
  try {
    const monitor = watchesItself(settings) ? ownMonitor(settings, log) : undefined;
    cleanups.add(() => monitor?.stop());
    const store = await openStore(settings, cleanups, signal);
    await monitor?.start();
    const running = await createRegistry({
      ...listening(settings),
      ...tokens.options,
      tls,
      store,
      expected,
      monitor,
      onAlert: (event) => noteAlert(event, log),
      onError: (error) => log.write('warn', 'something failed behind the scenes', {}, error),
    });
    cleanups.add(() => running.close());
    cleanups.add(keepDiary(store, log));
    announce(running, { store, expected }, given);
    keepHeapSmall();
    await aborted(signal);
  } catch (error) {
    throw await complaintOf(error, sources);
  }
}

function listening({ host, port, memberTtl, reportTtl, deregisteredTtl, webhooks }: RegistrySettings) {
  return { host, port, memberTtl, reportTtl, deregisteredTtl, webhooks };
}

function ownMonitor({ checkHosts }: RegistrySettings, log: RingLog): NetworkMonitor {
  const monitor = new NetworkMonitor({ checkHosts });
  monitor.on('state', ({ from, to, reason }) => {
    if (to === 'down') log.write('warn', 'this registry is offline itself', { reason });
    else if (from === 'down') log.write('info', 'this registry is online again', { reason });
  });
  return monitor;
}

async function openStore(settings: RegistrySettings, cleanups: Cleanups, signal: AbortSignal): Promise<RecordStore> {
  const { redis: url, redisPrefix } = settings;
  if (url === undefined) return new MemoryStore();
  const { RegistryRedis } = await import('./redis.js');
  const client = new RegistryRedis(url);
  cleanups.add(() => client.disconnect());
  const store = createRingStore({ client, ...(redisPrefix !== undefined && { prefix: redisPrefix }) });
  await client.firstConnected(signal);
  return store;
}

interface RegistryParts {
  readonly store: RecordStore;
  readonly expected: ExpectedMembers | undefined;
}

function announce({ url }: Registry, { store, expected }: RegistryParts, { settings, log }: RegistryRun): void {
  const { kind, reachable, error } = store.health;
  const redis = settings.redis === undefined ? undefined : shownRedisUrl(settings.redis);
  const facts = { url, isForOthers: !isForThisHost(settings), redis, expected, settings };
  log.announce(describeRegistry(facts), 'registry started', {
    url,
    store: kind,
    redis,
    expected_file: settings.expected,
    expected_locations: expected?.locations.length,
    expected_members: expected && memberCount(expected),
    needs_token: settings.tokens !== undefined,
    reading_needs_token: settings.readTokens !== undefined,
  });
  if (!reachable) log.write('warn', 'Redis is away', { error });
}
