import { drawLogNormal, type LogNormal, type Random, randomFrom } from './random.js';

/** What happens, and what is to be done meanwhile. All times are milliseconds from its beginning. */
export interface Trace {
  readonly seed: number;
  /** In order, none touching the next. */
  readonly outages: readonly Outage[];
  readonly works: readonly Work[];
}

export interface Outage {
  readonly from: number;
  readonly until: number;
  /** With the link set down, a connect fails at once. With the carrier lost, nothing is heard. */
  readonly kind: 'link set down' | 'carrier lost';
}

/** One operation: a request to a server. */
export interface Work {
  readonly begins: number;
  /** How long it takes where nothing is wrong. */
  readonly takes: number;
  /** How often the server answers 503 first. */
  readonly refusals: number;
}

export interface TraceSize {
  readonly outages: number;
  readonly works: number;
}

export function makeTrace(seed: number, size: TraceSize): Trace {
  const random = randomFrom(seed);
  const outages = drawOutages(random, size.outages);
  const span = outages.at(-1)?.until ?? 0;
  const works = Array.from({ length: size.works }, () => drawWork(random, span));
  return { seed, outages, works };
}

/** From a hiccup of the radio to a router that starts anew. */
const OUTAGE: LogNormal = { median: 3_000, sigma: 1.3, least: 200, most: 60_000 };
const BETWEEN: LogNormal = { median: 20_000, sigma: 1, least: 500, most: 300_000 };
/** From a small answer to some megabytes. */
const DURATION: LogNormal = { median: 1_000, sigma: 1.2, least: 20, most: 20_000 };

/** How likely it is that the server is not well, and that it is still not the next time. */
const REFUSAL = 0.15;
const MOST_REFUSALS = 2;

function drawOutages(random: Random, count: number): readonly Outage[] {
  const outages: Outage[] = [];
  let from = 0;
  for (let index = 0; index < count; index += 1) {
    from += drawLogNormal(random, BETWEEN);
    const until = from + drawLogNormal(random, OUTAGE);
    outages.push({ from, until, kind: random() < 0.5 ? 'link set down' : 'carrier lost' });
    from = until;
  }
  return outages;
}

function drawWork(random: Random, span: number): Work {
  const begins = random() * span;
  const takes = drawLogNormal(random, DURATION);
  let refusals = 0;
  while (refusals < MOST_REFUSALS && random() < REFUSAL) refusals += 1;
  return { begins, takes, refusals };
}
