import { NLMSG_NOOP } from '../../src/netlink/constants.js';
import { RequestWriter } from '../../src/netlink/request-writer.js';
import type { Corpus } from './corpus.js';
import { Draft } from './draft.js';
import { MUTATIONS, noise, specimen } from './mutations.js';
import { Random } from './random.js';

/** Gives the input of a number, always the same for the same corpus and seed. The bytes are good until the next call. */
export type MakeInput = (input: number) => Uint8Array;

export function inputsFrom(corpus: Corpus, seed: number): MakeInput {
  const draft = new Draft();
  return (input) => {
    const random = new Random(seed, input);
    draft.clear();
    begin(draft, random, corpus);
    for (let count = random.below(MOST_MUTATIONS + 1); count > 0; count -= 1) {
      random.pick(MUTATIONS)(draft, random, corpus);
    }
    return draft.bytes;
  };
}

/** More than a few, and hardly anything would be decoded any more. */
const MOST_MUTATIONS = 4;

function begin(draft: Draft, random: Random, corpus: Corpus): void {
  switch (random.below(32)) {
    case 0:
      draft.append(noise(random, random.below(200)));
      break;
    case 1:
      draft.append(anyBody(random));
      break;
    default:
      while (random.onceIn(8)) draft.append(specimen(random, corpus));
      draft.append(specimen(random, corpus));
  }
}

/** A good header of any type with noise behind it. */
function anyBody(random: Random): Uint8Array {
  const message = new RequestWriter(0, NLMSG_NOOP + random.below(40), random.below(2 ** 16), 0);
  return message.raw(random.below(64), noise(random, random.below(200))).finish();
}
