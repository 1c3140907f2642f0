import { InvalidOptionError } from '../../errors/index.js';
import { Retryer } from '../../retry/index.js';
import { type Listening, WebService } from '../../server/index.js';
import { MemoryStore, type RecordStore } from '../../store/index.js';
import { VERSION } from '../version.js';
import { AlertDesk } from './alert-desk.js';
import { addMemberRoutes } from './member-routes.js';
import { MembershipWatch } from './membership-watch.js';
import { missingAnalysis, NO_ANALYSIS } from './missing-analysis.js';
import { addReadRoutes } from './read-routes.js';
import { registryPage } from './registry-metrics.js';
import { checkRegistryOptions, DEFAULT_PORT, type RegistryOptions, ttlsOf } from './registry-options.js';
import { RingBook } from './ring-book.js';

/** A registry that is running. */
export interface Registry extends AsyncDisposable, Listening {
  /** Ends it: what is under way is answered, and its store is closed. May be called again. */
  close(): Promise<void>;
}

/** Members of one ring. Each costs memory in every registry, and work in every member. */
const MOST_MEMBERS = 10_000;

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
    onError,
    ...listening
  } = options;
  const { port = DEFAULT_PORT, ...service } = listening;
  checkRegistryOptions({ store, memberTtl, reportTtl, deregisteredTtl, outageTtl, expected, webhooks, onError });
  if (webhooks !== undefined && webhooks.length > 0 && expected === undefined) {
    throw new InvalidOptionError(
      'createRegistry: expected',
      expected,
      'given where there are webhooks: they tell who is missing',
    );
  }
  const web = new WebService('createRegistry', { ...service, port, maxBody: service.maxBody ?? MOST_BODY }, API);
  const parts = partsOf(options, store, onError ?? (() => {}));
  addMemberRoutes(web.app, parts.book, (id) => isRoomFor(store, id));
  addReadRoutes(web, {
    book: parts.book,
    store,
    version: VERSION,
    analysis: () =>
      parts.watch === undefined
        ? NO_ANALYSIS
        : missingAnalysis(parts.watch.judgement, parts.book.active(), store.now()),
    metricsPage: () =>
      registryPage({ book: parts.book, store, locations: () => parts.watch?.judgement.verdicts ?? [] }),
  });
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
};

/** Bytes: 6,000 checks, with the hops of 1,000 traces. */
const MOST_BODY = 4 * 2 ** 20;

interface Parts {
  readonly book: RingBook;
  readonly desk: AlertDesk;
  readonly watch: MembershipWatch | undefined;
}

function partsOf(
  { expected, webhooks = [], ...options }: RegistryOptions,
  store: RecordStore,
  onError: (error: Error) => void,
): Parts {
  const book = new RingBook(store, ttlsOf(options));
  const desk = new AlertDesk(webhooks, new Retryer({ retries: 5, waitForNetwork: false }), onError);
  const notify = desk.notify.bind(desk);
  return { book, desk, watch: expected && new MembershipWatch({ book, store, expected, notify, onError }) };
}

async function closeAll(web: WebService, { desk, watch }: Parts, store: RecordStore): Promise<void> {
  await web.close();
  desk.close();
  await watch?.stop();
  await store.close();
}

function isRoomFor(store: RecordStore, id: string | undefined): boolean {
  const isKnown = id !== undefined && store.get('member', id) !== undefined;
  return isKnown || store.list('member').length < MOST_MEMBERS;
}
