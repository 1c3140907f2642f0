import type { Host } from '../../test/lab/index.js';
import type { Stage } from '../stage/index.js';
import { LineProgram } from './line-program.js';
import type { Watcher, WatchOptions, Word } from './watcher.js';

/** Somebody who watches the uplink of a host, in a process of its own. */
export interface Contender {
  readonly name: string;
  /** Begins to watch; resolves when it does. */
  begin(): Promise<void>;
  /**
   * When it first said a word at or after a moment, CLOCK_MONOTONIC in nanoseconds; undefined when it has not within so many milliseconds.
   *
   * @throws {Error} when its process has ended.
   */
  said(word: Word, since: bigint, within: number): Promise<bigint | undefined>;
  /** Stops watching, so that it does not disturb the others' turns. */
  end(): Promise<void>;
}

/** A Node program that calls `serveWatcher`. Its process stays, as a service's does; it begins anew in each turn. */
export async function nodeContender(
  { stage, host }: { readonly stage: Stage; readonly host: Host },
  { name, program, options = {} }: { readonly name: string; readonly program: URL; readonly options?: WatchOptions },
): Promise<Contender> {
  const actor = await stage.spawn<Watcher>(program, { host });
  return {
    name,
    begin: () => actor.call('begin', options),
    end: () => actor.call('end'),
    async said(word, since, within) {
      try {
        const wanted = (said: { readonly word: Word; readonly at: bigint }) => said.word === word && said.at >= since;
        return (await actor.event('said', wanted, { timeout: within })).detail.at;
      } catch {
        // That it says nothing is a finding; that it is dead is not.
        await actor.call('ping');
        return undefined;
      }
    },
  };
}

/** A program that writes a word and its time for whatever it hears, as reader.c does. It is started anew for each turn. */
export function lineContender(host: Host, name: string, argv: readonly [string, ...string[]]): Contender {
  let program: LineProgram | undefined;
  return {
    name,
    async begin() {
      program = new LineProgram(name, host.namespace.command(argv));
      await program.ready;
    },
    async said(word, since, within) {
      return program?.said(word, since, within);
    },
    async end() {
      await program?.stop();
    },
  };
}
