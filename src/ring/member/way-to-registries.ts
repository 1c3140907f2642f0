import { linkSignals } from '../../events/index.js';
import { formatEndpoint } from '../../names/index.js';
import type { NetworkSource } from '../../retry/index.js';
import type { NetworkChange, NetworkReason, NetworkState, WorkOutcome } from '../../state/index.js';
import { hostOf, type MemberMonitor } from './member-options.js';

/**
 * What is known of the way to the registries: it is lost when that to each of them is.
 *
 * @param current the registry that was asked last.
 * @returns undefined where nobody watches the network.
 */
export function wayToRegistries(
  urls: readonly string[],
  current: () => string,
  monitor: MemberMonitor | undefined,
): NetworkSource | undefined {
  if (monitor?.target === undefined) return monitor;
  const ways = new Map(urls.map((url) => [url, monitor.target?.(destinationOf(url)) ?? monitor]));
  const [only = monitor] = ways.values();
  return ways.size === 1 ? only : new AnyWay([...ways.values()], () => ways.get(current()) ?? only);
}

function destinationOf(url: string): string {
  const { protocol, port } = new URL(url);
  const standard = protocol === 'https:' ? 443 : 80;
  return formatEndpoint({ host: hostOf(url), port: port === '' ? standard : Number(port) });
}

/** Several ways of which one is enough. What becomes of work says something of the way that it took, and nothing of the others. */
class AnyWay implements NetworkSource {
  readonly #ways: readonly NetworkSource[];
  readonly #taken: () => NetworkSource;

  constructor(ways: readonly NetworkSource[], taken: () => NetworkSource) {
    this.#ways = ways;
    this.#taken = taken;
  }

  get state(): NetworkState {
    return this.#best.state;
  }

  get reason(): NetworkReason {
    return this.#best.reason ?? 'not-judged';
  }

  get allowsTrials(): boolean {
    return this.#ways.some(({ allowsTrials = true }) => allowsTrials);
  }

  get flapping(): boolean {
    return this.#best.flapping ?? false;
  }

  onChange(listener: (change: NetworkChange) => void): () => void {
    let from = this.state;
    const unsubscribes = this.#ways.map((way) =>
      way.onChange((change) => {
        const to = this.state;
        if (from === to) return;
        listener({ ...change, from, to });
        from = to;
      }),
    );
    return () => {
      for (const unsubscribe of unsubscribes) unsubscribe();
    };
  }

  async waitForNetwork({ signal, unref }: Parameters<NetworkSource['waitForNetwork']>[0] = {}): Promise<void> {
    const others = new AbortController();
    const linked = linkSignals(signal, others.signal);
    try {
      await Promise.race(this.#ways.map((way) => way.waitForNetwork({ signal: linked.signal, unref })));
    } finally {
      others.abort();
      linked.release();
    }
  }

  report(outcome: WorkOutcome): Promise<void> {
    return this.#taken().report(outcome);
  }

  track(onStranded: (reason: NetworkReason) => void): () => void {
    return this.#taken().track?.(onStranded) ?? (() => {});
  }

  get #best(): NetworkSource {
    return this.#ways.find(({ state }) => state !== 'down') ?? this.#taken();
  }
}
