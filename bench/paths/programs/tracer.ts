import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { probeTrace, type TraceProbeOptions } from '../../../src/probes/index.js';
import { serveActor } from '../../../test/lab/actor/serve.js';
import { hopsOf, hopsPrintedBy } from './hops.js';

/** What the bench has netpause trace, and what one would run instead. Run with `--expose-gc`. */
const tracer = serveActor(() => ({
  async trace(target: string, options: TraceProbeOptions): Promise<Traced> {
    const begun = performance.now();
    const { facts } = await probeTrace(target, options);
    return { ms: performance.now() - begun, hops: hopsOf(facts) };
  },
  /** As a program of Node runs it: from the call until all that it prints is there. */
  async traceroute(args: readonly string[]): Promise<Traced> {
    const begun = performance.now();
    const { stdout } = await run('traceroute', args);
    return { ms: performance.now() - begun, hops: hopsPrintedBy(stdout) };
  },
  /** Begins one trace after another, evenly over the time, to one target after the other. */
  async many({ targets, count, interval }: ManyTraces): Promise<ManyTraced> {
    const distances: Promise<number | undefined>[] = [];
    const begun = performance.now();
    for (let index = 0; index < count; index += 1) {
      await new Promise((resolve) => setTimeout(resolve, begun + index * interval - performance.now()));
      distances.push(probeTrace(targets[index % targets.length] ?? '').then(({ facts }) => facts.distance));
    }
    return { distances: await Promise.all(distances) };
  },
  /** What the process holds, after a collection. */
  async held(): Promise<Held> {
    // libuv closes in a later turn of its loop, and what was collected may have had finalizers.
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      globalThis.gc?.();
    }
    const { heapUsed, rss } = process.memoryUsage();
    return { heap: heapUsed, rss, descriptors: readdirSync('/proc/self/fd').length };
  },
}));

export type Tracer = typeof tracer;

export interface Traced {
  readonly ms: number;
  /** Who answered at each hop, up to the last who did. */
  readonly hops: readonly string[];
}

export interface ManyTraces {
  readonly targets: readonly string[];
  readonly count: number;
  /** Milliseconds from one to the next. */
  readonly interval: number;
}

export interface ManyTraced {
  /** How far away each target was found; undefined where it was not. */
  readonly distances: readonly (number | undefined)[];
}

/** Bytes, and a number of descriptors. */
export interface Held {
  readonly heap: number;
  readonly rss: number;
  readonly descriptors: number;
}

const run = promisify(execFile);
