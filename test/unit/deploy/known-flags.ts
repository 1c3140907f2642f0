import { createProgram } from '../../../src/cli/program.js';

/** The flags of `netpause ring registry` and `netpause ring member`, as the command itself has them. */
export function knownFlags(command: string): readonly string[] {
  const ring = createProgram(() => {}).commands.find((each) => each.name() === 'ring');
  const found = ring?.commands.find((each) => each.name() === command);
  if (found === undefined) throw new Error(`there is no netpause ring ${command}`);
  return found.options.flatMap(({ long }) => long ?? []);
}
