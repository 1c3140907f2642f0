import { toError } from '../../errors/index.js';
import type { MemberLog } from './member-log.js';
import { RegistryError } from './registry-error.js';

/** What a member does with a registry: it may be let do the one and not the other. */
export type RegistryUse = 'speak' | 'read';

/** Milliseconds from one line to the next while the same goes on. */
const REMINDER = 60_000;

/** Trouble with the registry. */
interface Trouble {
  readonly text: string;
  /** By `performance.now()`. */
  readonly toldAt: number;
}

/** Says in the log that the registry does not answer or refuses, when it begins and once a minute while it goes on, and that it is over. */
export class RegistryContact {
  readonly #log: MemberLog;
  readonly #troubles = new Map<RegistryUse, Trouble>();
  readonly #noted = new WeakSet<Error>();

  constructor(log: MemberLog) {
    this.#log = log;
  }

  /** What is wrong now; undefined where nothing is. */
  get trouble(): string | undefined {
    return [...this.#troubles.values()].at(0)?.text;
  }

  /** Whether the log says enough of an error already. */
  hasNoted(error: unknown): boolean {
    return error instanceof Error && this.#noted.has(error);
  }

  /** @param url of the registry. */
  failed(use: RegistryUse, thrown: unknown, url: string): void {
    const error = toError(thrown);
    if (error instanceof RegistryError && OF_THE_MESSAGE.has(error.status)) return;
    this.#noted.add(error);
    const now = performance.now();
    const isKnown = [...this.#troubles.values()].some(
      ({ text, toldAt }) => text === error.message && now - toldAt < REMINDER,
    );
    const toldAt = isKnown ? (this.#troubles.get(use)?.toldAt ?? now) : now;
    this.#troubles.set(use, { text: error.message, toldAt });
    if (!isKnown) this.#log.write('warn', messageOf(error), { registry: url }, error);
  }

  answered(use: RegistryUse, url: string): void {
    if (!this.#troubles.delete(use) || this.#troubles.size > 0) return;
    this.#log.write('info', 'the registry answers again', { registry: url });
  }
}

/** Such a report is refused wherever it comes from, and that is told where it is given up. */
const OF_THE_MESSAGE: ReadonlySet<number> = new Set([400, 413, 415, 422]);

function messageOf(error: Error): string {
  if (!(error instanceof RegistryError)) return 'the registry does not answer';
  if (error.status === 401 || error.status === 403)
    return 'the registry refuses this member: it wants a token, or another one';
  return error.status === 404
    ? 'what answers is no registry: it may be a member'
    : 'the registry does not do what it is asked for';
}
