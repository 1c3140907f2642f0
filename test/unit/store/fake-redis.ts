import { EventEmitter } from 'node:events';
import type { RedisClient } from '../../../src/store/index.js';

/** As much of Redis as a store asks for, in this process: it answers in the next turn of the event loop. */
export class FakeRedis extends EventEmitter implements RedisClient {
  readonly status = 'ready';
  /** The commands that came, by their first argument where that is a script. */
  readonly commands: string[] = [];
  /** Records by key, as the script that reads one answers. */
  readonly records = new Map<string, { readonly text: string; readonly at: number }>();
  /** How many commands were not answered yet at most. */
  most = 0;
  /** Called for each command before it is answered. */
  onCommand = (_name: string): void => {};
  #open = 0;

  async call(command: string, ...args: (string | number | Buffer)[]): Promise<unknown> {
    const [script = ''] = args;
    const name = command !== 'EVAL' ? command : (/PUBLISH|SMEMBERS|HMGET/.exec(String(script))?.[0] ?? command);
    this.commands.push(name);
    this.#open += 1;
    this.most = Math.max(this.most, this.#open);
    await new Promise((resolve) => setImmediate(resolve));
    this.onCommand(name);
    this.#open -= 1;
    return this.#answer(name, args.map(String));
  }

  duplicate(): RedisClient {
    return new FakeRedis();
  }

  async subscribe(): Promise<void> {}

  disconnect(): void {}

  #answer(name: string, [, , hash = '']: readonly string[]): unknown {
    switch (name) {
      case 'TIME':
        return [String(Math.floor(Date.now() / 1_000)), '0'];
      case 'SMEMBERS':
        return hash.endsWith(':things') ? [...this.records].flatMap(([key, { at }]) => [key, String(at)]) : [];
      case 'HMGET': {
        const record = this.records.get(hash.slice(hash.lastIndexOf(':') + 1));
        return record === undefined ? [null, null, -2] : [record.text, String(record.at), 60_000];
      }
      default:
        return 1;
    }
  }
}
