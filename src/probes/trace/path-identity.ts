import { hash } from 'node:crypto';

/** 16 hexadecimal digits that are the same for the same addresses at the same hops, on every machine. */
export function pathIdOf(paths: readonly (readonly (string | null)[])[]): string {
  const text = paths.map((path) => path.map((address) => address ?? '*').join(' ')).join('\n');
  return hash('sha256', text, 'hex').slice(0, 16);
}
