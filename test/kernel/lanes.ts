/** Runs so many tasks at a time, each lane one after the other. */
export function lanes(count: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
  const ends: Promise<unknown>[] = Array.from({ length: count }, () => Promise.resolve());
  let next = 0;
  return (task) => {
    const lane = next++ % count;
    const result = (ends[lane] ?? Promise.resolve()).then(task);
    ends[lane] = result.catch(() => {});
    return result;
  };
}
