import { useEffect, useState } from 'preact/hooks';
import type { LazyProps } from './props.js';

/** What the registry has answered last. */
export interface Answered<Answer> {
  /** Undefined until there is one; it stays while it is asked for again. */
  readonly answer: Answer | undefined;
  /** Why there was none when it was asked last. */
  readonly problem: string | undefined;
}

/** How an answer is asked for. */
export interface Question<Answer> {
  readonly read: LazyProps['read'];
  /** Undefined where nothing is to be asked. */
  readonly path: string | undefined;
  /** Asked again when it changes. */
  readonly turn: number;
  readonly isAnswer: (value: unknown) => value is Answer;
}

const NOTHING: { readonly path: undefined; readonly answer: undefined; readonly problem: undefined } = {
  path: undefined,
  answer: undefined,
  problem: undefined,
};

/** Asks the registry now and at each turn. What was answered to another question is forgotten. */
export function useAnswer<Answer>({ read, path, turn, isAnswer }: Question<Answer>): Answered<Answer> {
  const [known, setKnown] = useState<Answered<Answer> & { readonly path: string | undefined }>(NOTHING);
  // That another function reads the same is no reason to ask again.
  useEffect(() => {
    if (path === undefined) return;
    const controller = new AbortController();
    const take = (next: Partial<Answered<Answer>>): void => {
      if (controller.signal.aborted) return;
      setKnown((before) => ({ ...(before.path === path ? before : NOTHING), problem: undefined, ...next, path }));
    };
    read(path, controller.signal).then(
      (value) => take(isAnswer(value) ? { answer: value } : { problem: 'the registry gave an answer of another kind' }),
      (error: unknown) => take({ problem: error instanceof Error ? error.message : 'no answer' }),
    );
    return () => controller.abort();
  }, [path, turn]);
  return path !== undefined && known.path === path ? known : NOTHING;
}

/** An object with lists by these names. */
export function hasLists(value: unknown, ...names: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && names.every((name) => Array.isArray(Reflect.get(value, name)));
}
