import { allDatagrams } from '../unit/netlink/fixtures/index.js';
import { type Corpus, corpusOf } from './corpus.js';

/** Everything that the kernel was heard to say. A big-endian decoder understands none of it, but must not break over it either. */
export const CAPTURED: Corpus = corpusOf(allDatagrams);
