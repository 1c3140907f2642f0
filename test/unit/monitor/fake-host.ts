import type { ConnectOutcome } from '../../../src/monitor/connect.js';
import type {
  AddressFacts,
  KernelView,
  KernelViewHandlers,
  LinkChange,
  LinkFacts,
  RouteLookup,
} from '../../../src/monitor/kernel-view.js';
import type { MonitorEdges } from '../../../src/monitor/network-monitor.js';

/** A host with one uplink, a kernel's answers and a network of machines behind it, all of it at the test's command. */
export class FakeHost {
  readonly links = new Map<number, LinkFacts>();
  readonly addresses: AddressFacts[] = [];
  /** Destinations that a connect to gets an answer from; every other one is silent. */
  readonly answering = new Set<string>();
  /** What connects to an address end with instead, whatever `answering` says. */
  readonly outcomes = new Map<string, ConnectOutcome>();
  readonly names = new Map<string, readonly string[]>();
  readonly connects: string[] = [];
  /** The names that were looked up. */
  readonly asked: string[] = [];
  /** Milliseconds that an answer takes. */
  rtt = 1;
  /** Milliseconds that the end of a connect to an address takes, answer or failure, where that is another time. */
  readonly rtts = new Map<string, number>();
  route: RouteLookup = { kind: 'route', ifIndex: 2, gateway: '192.0.2.1', source: '192.0.2.10' };
  readonly routes = new Map<string, RouteLookup>();
  refreshed: number[] = [];
  /** Events that have arrived and that nobody has read yet. */
  readonly unheard: (() => void)[] = [];
  closed = 0;
  rereadings = 0;
  /** The destinations whose routes the monitor wants to hear of. */
  watched: readonly string[] = [];
  /** Milliseconds that the machine has slept. */
  slept = 0;
  #handlers: KernelViewHandlers | undefined;

  constructor() {
    this.links.set(1, link({ index: 1, name: 'lo', loopback: true, operState: 'unknown' }));
    this.links.set(2, link({ index: 2, name: 'eth0' }));
    this.addresses.push(address(2, '192.0.2.10'));
  }

  get edges(): Partial<MonitorEdges> {
    return {
      openView: async (_options, handlers) => {
        this.#handlers = handlers;
        return { view: this.#view() };
      },
      connect: ({ address: to, port, timeout, signal }) =>
        new Promise((resolve) => {
          this.connects.push(`${to}:${port}`);
          const set = this.outcomes.get(to);
          const answers = set?.kind === 'reached' || (set === undefined && this.answering.has(to));
          const outcome: ConnectOutcome =
            set ?? (answers ? { kind: 'reached' } : { kind: 'silent', code: 'ETIMEDOUT' });
          const timer = setTimeout(() => resolve(outcome), this.rtts.get(to) ?? (answers ? this.rtt : timeout));
          signal.addEventListener('abort', () => {
            clearTimeout(timer);
            resolve({ kind: 'no-evidence', code: 'ABORT_ERR' });
          });
        }),
      sinceBoot: () => performance.now() + this.slept,
      resolveName: async (name) => {
        this.asked.push(name);
        return this.names.get(name) ?? [];
      },
    };
  }

  /** Changes a link as the kernel would and tells the monitor. */
  setLink(facts: Partial<LinkFacts> & { index: number }): void {
    const before = this.links.get(facts.index);
    const after = { ...(before ?? link({ index: facts.index, name: `if${facts.index}` })), ...facts };
    this.links.set(facts.index, after);
    this.tell([change(before === undefined ? 'added' : 'changed', after)]);
  }

  removeLink(index: number): void {
    const before = this.links.get(index);
    if (before === undefined) return;
    this.links.delete(index);
    this.tell([change('removed', before)]);
  }

  pullCable(): void {
    this.setLink({ index: 2, carrier: false, operState: 'down' });
  }

  plugIn(): void {
    this.setLink({ index: 2, carrier: true, operState: 'up' });
  }

  loseRoute(): void {
    this.route = { kind: 'refused', code: 'ENETUNREACH' };
    this.tell([]);
  }

  findRoute(route: RouteLookup = { kind: 'route', ifIndex: 2, gateway: '192.0.2.1', source: '192.0.2.10' }): void {
    this.route = route;
    this.tell([]);
  }

  removeAddresses(): void {
    this.addresses.length = 0;
    this.loseRoute();
  }

  tell(changes: readonly LinkChange[]): void {
    this.#handlers?.onChange(changes);
  }

  fail(error: Error): void {
    this.#handlers?.onError(error);
  }

  #view(): KernelView {
    return {
      source: 'netlink',
      links: () => this.links,
      addresses: () => this.addresses,
      lookup: (destination, options) => {
        const found = this.routes.get(destination) ?? this.route;
        const other = options?.ifIndex !== undefined && found.kind === 'route' && found.ifIndex !== options.ifIndex;
        return other ? { kind: 'refused', code: 'ENETUNREACH' } : found;
      },
      watchDestinations: (destinations) => {
        this.watched = [...destinations];
      },
      refreshLink: (index) => this.refreshed.push(index),
      catchUp: () => {
        const events = this.unheard.splice(0);
        for (const tell of events) tell();
        return events.length > 0;
      },
      refresh: () => {
        this.rereadings += 1;
      },
      interfaces: () => [],
      close: () => {
        this.closed += 1;
      },
    };
  }
}

export function link(facts: Partial<LinkFacts> & { index: number; name: string }): LinkFacts {
  return { loopback: false, adminUp: true, carrier: true, operState: 'up', ...facts };
}

export function address(ifIndex: number, text: string, facts: Partial<AddressFacts> = {}): AddressFacts {
  const linkLocal = text.startsWith('fe80:');
  return { ifIndex, family: text.includes(':') ? 6 : 4, address: text, linkLocal, usable: true, ...facts };
}

function change(kind: LinkChange['change'], facts: LinkFacts): LinkChange {
  const { name, index, carrier, operState } = facts;
  return { change: kind, interface: name, index, up: facts.adminUp && carrier, carrier, operState, flapped: false };
}
