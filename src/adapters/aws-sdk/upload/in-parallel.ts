import { orAborted, throwIfAborted } from '../../../events/index.js';

/**
 * Does the work on all items, so many at a time, and gives the results in no order. The first failure ends the others; when this settles, none of
 * them is on its way any more.
 *
 * @param ending aborts the work; it is aborted with the first failure.
 */
export async function inParallel<Item, Result>(
  width: number,
  items: AsyncIterator<Item, unknown>,
  work: (item: Item) => Promise<Result>,
  ending: AbortController,
): Promise<Result[]> {
  const { signal } = ending;
  const results: Result[] = [];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (;;) {
      throwIfAborted(signal);
      // Whoever makes the items may have stalled, and knows nothing of the signal.
      const next = await orAborted(items.next(), signal);
      if (next.done === true) return;
      results.push(await work(next.value));
    }
  };
  const noteFailure = (error: unknown): void => {
    failures.push(error);
    ending.abort(error);
  };
  await Promise.all(Array.from({ length: width }, () => worker().catch(noteFailure)));
  if (failures.length > 0) throw failures[0];
  return results;
}
