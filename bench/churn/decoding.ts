import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../test/lab/command.js';
import { captured } from '../../test/unit/netlink/fixtures/index.js';
import type { Bench, Scale } from '../part.js';
import { compare, type Row } from '../row.js';
import type { Decoder } from './programs/decode.js';

/** As the kernel sent them: dumps, several messages in a datagram. */
const CORPORA = [
  { name: 'route messages decoded', datagrams: captured.routes },
  { name: 'address messages decoded', datagrams: captured.addresses },
  { name: 'link messages decoded', datagrams: captured.links },
];

const TRIALS: Record<Scale, number> = { full: 15, quick: 1 };
/** Milliseconds of one trial. */
const LASTING: Record<Scale, number> = { full: 200, quick: 20 };

export async function measureDecoding({ stage, scale }: Bench): Promise<readonly Row[]> {
  const folder = await stage.folder('decoding');
  const decoder = await stage.cProgram(new URL('../kernel/decoder.c', import.meta.url));
  const rows: Row[] = [];
  for (const { name, datagrams: texts } of CORPORA) {
    const datagrams = texts.map((text) => Buffer.from(text, 'base64'));
    const file = join(folder, `${name}.bin`);
    await writeFile(file, Buffer.concat(datagrams.flatMap((bytes) => [lengthOf(bytes), bytes])));
    // One process for each kind: an engine that has seen one kind only is not what a service has, but one that is warm is.
    const actor = await stage.spawn<Decoder>(new URL('./programs/decode.ts', import.meta.url));
    await actor.call('decode', datagrams, LASTING[scale]);
    const ours: number[] = [];
    const floor: number[] = [];
    for (let trial = 0; trial < TRIALS[scale]; trial += 1) {
      ours.push((await actor.call('decode', datagrams, LASTING[scale])) / 1e6);
      const { stdout } = await runCommand([decoder, file, `${LASTING[scale]}`]);
      floor.push(Number(stdout) / 1e6);
    }
    await actor.stop();
    const target = { of: 'ours', atLeast: 1 } as const;
    rows.push(
      compare({ name, unit: 'million a second', ours, reference: floor, referenceName: 'C, attributes only', target }),
    );
  }
  return rows;
}

function lengthOf(bytes: Buffer): Buffer {
  return Buffer.from(new Uint32Array([bytes.length]).buffer);
}
