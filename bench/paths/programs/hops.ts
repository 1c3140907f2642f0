import { isIP } from 'node:net';
import type { TraceFacts } from '../../../src/probes/index.js';

const SILENT = '*';

/** Who answered at each hop, up to the last who did: several in order of their addresses. */
export function hopsOf({ hops }: TraceFacts): readonly string[] {
  return upToTheLast(hops.map(({ addresses }) => nameOf(addresses.map(({ address }) => address))));
}

/** The same of what traceroute(8) prints: a line for each hop, which begins with its number. */
export function hopsPrintedBy(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => /^\s*\d+\s/.test(line));
  return upToTheLast(lines.map((line) => nameOf(line.split(/\s+/).filter((word) => isIP(word) !== 0))));
}

function nameOf(addresses: readonly string[]): string {
  return addresses.length === 0 ? SILENT : [...new Set(addresses)].sort().join(' ');
}

function upToTheLast(hops: readonly string[]): readonly string[] {
  return hops.slice(0, hops.findLastIndex((hop) => hop !== SILENT) + 1);
}
