/** For an option that may be given several times: adds what it was given this time. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** The same, for values that have to be read. */
export function collectAs<Value>(parse: (text: string) => Value) {
  return (text: string, previous: readonly Value[] = []): readonly Value[] => [...previous, parse(text)];
}
