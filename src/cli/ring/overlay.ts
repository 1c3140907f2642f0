/** The options of several sources together: what stands further behind counts for more, and undefined for nothing. */
export function overlay<Options extends object>(first: Options, ...others: readonly Partial<Options>[]): Options {
  const layers = [first, ...others].map((layer) =>
    Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined)),
  );
  return Object.assign({ ...first }, ...layers);
}
