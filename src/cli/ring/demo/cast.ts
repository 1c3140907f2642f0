import type { CliError } from '../../cli-error.js';
import { Part, type PartOptions } from './part.js';

/** The processes of a demo, each under a name. */
export class Cast {
  readonly #parts = new Map<string, Part>();
  readonly #onLost: (error: CliError) => void;

  /** @param onLost is told when one of them ends by itself. */
  constructor(onLost: (error: CliError) => void) {
    this.#onLost = onLost;
  }

  start(options: Omit<PartOptions, 'onLost'>): Part {
    const part = new Part({ ...options, onLost: this.#onLost });
    this.#parts.set(options.name, part);
    return part;
  }

  /** Kills one, and waits until it is gone. */
  async stop(name: string): Promise<void> {
    await this.#parts.get(name)?.stop();
  }

  /** Kills all, and waits until they are gone. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.stop()));
  }
}
