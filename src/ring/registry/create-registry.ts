import { InvalidOptionError } from '../../errors/index.js';
import { callSafely } from '../../events/index.js';
import { type NetworkSource, Retryer } from '../../retry/index.js';
import { type Listening, WebService } from '../../server/index.js';
import { MemoryStore, type RecordStore } from '../../store/index.js';
import type { AlertEvent } from '../expected/index.js';
import { VERSION } from '../version.js';
import { AlertNotifier } from './alert-notifier.js';
import { isPageFile } from './dashboard-routes.js';
import { addMemberRoutes } from './member-routes.js';
import { MembershipWatch } from './membership-watch.js';
import { missingAnalysis, NO_ANALYSIS } from './missing-analysis.js';
import { OwnSight } from './own-sight.js';
import { PathHistory } from './path-history.js';
import { addPathHistoryRoutes } from './path-history-routes.js';
import { addReadRoutes } from './read-routes.js';
import { registryPage } from './registry-metrics.js';
import { checkRegistryOptions, DEFAULT_PORT, OWNER, type RegistryOptions, ttlsOf } from './registry-options.js';
import { RingBook } from './ring-book.js';

/** A registry that is running. */
export interface Registry extends AsyncDisposable, Listening {
  /** Ends it: what is under way is answered, and its store is closed. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a registry: where the members of a ring find each other, and report what they see.
 *
 * @throws {InvalidOptionError}; errors of `node:net` where it cannot listen.
 *
 * @example
 * const registry = await createRegistry({ port: 8756 });
 * console.log(registry.url);
 */
export async function createRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const {
    store = new MemoryStore(),
    memberTtl,
    reportTtl,
    deregisteredTtl,
    outageTtl,
    expected,
    webhooks,
    onAlert,
    monitor,
    onError,
    ...listening
  } = options;
  const { port = DEFAULT_PORT, ...service } = listening;
  checkRegistryOptions({
    store,
    memberTtl,
    reportTtl,
    deregisteredTtl,
    outageTtl,
    expected,
    webhooks,
    onAlert,
    monitor,
    onError,
  });
  if (Reflect.get(service, 'readOnly') !== undefined) {
    throw new InvalidOptionError(`${OWNER}: readOnly`, Reflect.get(service, 'readOnly'), 'left out: members report');
  }
  const web = new WebService(OWNER, { ...service, port, maxBody: service.maxBody ?? MOST_BODY }, API);
  const parts = partsOf(options, store, (error) => {
    if (onError !== undefined) callSafely(() => onError(error));
  });
  addMemberRoutes(web.app, parts.book);
  addReadRoutes(web, {
    book: parts.book,
    store,
    version: VERSION,
    offlineSince: () => parts.sight.offlineSince,
    analysis: () =>
      parts.watch === undefined
        ? NO_ANALYSIS
        : missingAnalysis(parts.watch.judgement, parts.book.active(), store.now()),
    metricsPage: () =>
      registryPage({ book: parts.book, store, locations: () => parts.watch?.judgement.verdicts ?? [] }),
  });
  addPathHistoryRoutes(web.app, parts.paths);
  parts.sight.start();
  parts.paths.start();
  await store.start();
  parts.watch?.start();
  const close = () => closeAll(web, parts, store);
  try {
    return { ...(await web.listen()), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

const API = {
  title: 'Netring registry',
  version: VERSION,
  description: 'Where the members of a ring find each other, and report what they see of each other.',
  isPublic: isPageFile,
};

/** Bytes: 6,000 checks, with the hops of 1,000 traces. */
const MOST_BODY = 4 * 2 ** 20;

interface Parts {
  readonly book: RingBook;
  readonly sight: OwnSight;
  readonly paths: PathHistory;
  readonly notifier: AlertNotifier;
  readonly watch: MembershipWatch | undefined;
}

function partsOf(
  { expected, webhooks = [], onAlert, monitor, ...options }: RegistryOptions,
  store: RecordStore,
  onError: (error: Error) => void,
): Parts {
  const ttls = ttlsOf(options);
  const book = new RingBook(store, ttls);
  const sight = new OwnSight({ store, monitor, memberTtl: ttls.member });
  const paths = new PathHistory(store, { ttl: ttls.outage });
  const notifier = new AlertNotifier(webhooks, webhookRetryer(monitor), onError);
  const notify = (event: AlertEvent): Promise<void> => {
    if (onAlert !== undefined) callSafely(() => onAlert(event));
    return notifier.notify(event);
  };
  const watch = expected && new MembershipWatch({ book, store, expected, sight, notify, onError });
  return { book, sight, paths, notifier, watch };
}

/** For about five minutes; not while the registry is offline. */
function webhookRetryer(monitor: NetworkSource | undefined): Retryer {
  const policy = { retries: 10, maxTimeout: 60_000, unref: true };
  return new Retryer(monitor === undefined ? { ...policy, waitForNetwork: false } : { ...policy, network: monitor });
}

async function closeAll(web: WebService, { sight, paths, notifier, watch }: Parts, store: RecordStore): Promise<void> {
  await web.close();
  notifier.close();
  await watch?.stop();
  sight.stop();
  paths.stop();
  await store.close();
}
