import type { CliError } from '../../cli-error.js';
import { DemoProcess, type DemoProcessOptions } from './demo-process.js';

/** The processes of a demo, each under a name. */
export class DemoProcesses {
  readonly #byName = new Map<string, DemoProcess>();
  readonly #onLost: (error: CliError) => void;

  /** @param onLost is told when one of them ends by itself. */
  constructor(onLost: (error: CliError) => void) {
    this.#onLost = onLost;
  }

  start(options: Omit<DemoProcessOptions, 'onLost'>): DemoProcess {
    const started = new DemoProcess({ ...options, onLost: this.#onLost });
    this.#byName.set(options.name, started);
    return started;
  }

  /** Kills one, and waits until it is gone. */
  async stop(name: string): Promise<void> {
    await this.#byName.get(name)?.stop();
  }

  /** Kills all, and waits until they are gone. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((each) => each.stop()));
  }
}
