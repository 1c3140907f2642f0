import type { VerdictChange } from './programs/journal.js';
import type { RegistryName, RingLab } from './ring-lab.js';

/** Who sees a verdict: the member that made it, or a registry. */
export type View = 'member' | RegistryName;

/** A change of a verdict, as it was seen somewhere. */
export type SeenChange = VerdictChange & { readonly view: View };

/** What members and registries show of each other, put together from what each of them has noted, with its own times. */
export class Sight {
  readonly #ring: RingLab;
  readonly #now = new Map<string, SeenChange>();
  readonly #history: SeenChange[] = [];
  /** How much each process was asked for already. */
  readonly #asked = new Map<object, number>();

  constructor(ring: RingLab) {
    this.#ring = ring;
  }

  /** All changes so far, in the order in which they were asked for. */
  get history(): readonly SeenChange[] {
    return this.#history;
  }

  /** What was seen last of a check. */
  last(view: View, source: string, target: string, check: string): SeenChange | undefined {
    return this.#now.get(keyOf({ view, source, target, check }));
  }

  /** Asks everybody what has come. */
  async look(): Promise<void> {
    const { members, watchers } = this.#ring;
    await Promise.all([
      ...[...members.values()].map((member) => this.#take('member', member, (count) => member.call('changes', count))),
      ...[...watchers].map(([name, watcher]) => this.#take(name, watcher, (count) => watcher.call('changes', count))),
    ]);
  }

  /** A member that was killed sees nothing any more. */
  forget(source: string): void {
    for (const [key, change] of this.#now)
      if (change.view === 'member' && change.source === source) this.#now.delete(key);
  }

  async #take(view: View, actor: object, ask: (count: number) => Promise<readonly VerdictChange[]>): Promise<void> {
    const changes = await ask(this.#asked.get(actor) ?? 0);
    this.#asked.set(actor, (this.#asked.get(actor) ?? 0) + changes.length);
    for (const change of changes) {
      const seen = { ...change, view };
      this.#now.set(keyOf(seen), seen);
      this.#history.push(seen);
    }
  }
}

function keyOf({ view, source, target, check }: Pick<SeenChange, 'view' | 'source' | 'target' | 'check'>): string {
  return [view, source, target, check].join('\n');
}
