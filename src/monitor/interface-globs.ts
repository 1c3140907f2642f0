/** Turns interface names and globs (`*` any characters, `?` one) into a test of a name. */
export function interfaceMatcher(globs: readonly string[]): (name: string) => boolean {
  if (globs.includes('*')) return () => true;
  const patterns = globs.map(toPattern);
  return (name) => patterns.some((pattern) => pattern.test(name));
}

function toPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`);
}
