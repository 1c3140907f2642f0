import type { Socket } from 'node:net';
import { onAbort } from '../../events/index.js';
import { failedBy, inconclusive, timedOut } from '../failure.js';
import type { ProbeFailure, ProbeVerdict } from '../result.js';
import type { ProbeRun } from '../run-probe.js';
import type { DirectionFacts } from './bandwidth-result.js';
import { ByteCurve } from './byte-curve.js';
import type { OpenStream, Stream, StreamListener } from './stream.js';
import { type ReadTcp, TcpTally } from './tcp-tally.js';
import { INTERVAL, throughputOf } from './throughput.js';

/** What is to be tested. */
export interface DirectionPlan {
  readonly open: OpenStream;
  readonly streams: number;
  /** Bytes for each stream. */
  readonly share: number;
  /** Milliseconds, from the first byte on. */
  readonly duration: number;
  /** How long the handshake took, in milliseconds. */
  readonly rtt: number;
  /** Milliseconds that the probe has, for its message. */
  readonly timeout: number;
  /** Where the bytes arrive. What arrives there is known as of the last report only. */
  readonly arrival: 'here' | 'there';
  /** How to look at the sockets of the streams; nothing where the other end is the one that sends. */
  readonly readTcp: ReadTcp;
}

/** What a direction came to. */
export interface DirectionOutcome {
  readonly verdict: ProbeVerdict;
  /** Absent where no stream was connected. */
  readonly facts?: DirectionFacts;
}

/** Moves bytes over some streams until the time is over, a stream has had its share, or something goes wrong. Never rejects. */
export function testDirection(plan: DirectionPlan, run: ProbeRun): Promise<DirectionOutcome> {
  return new Promise((resolve) => new DirectionTest(plan, run, resolve).start());
}

class DirectionTest {
  readonly #plan: DirectionPlan;
  readonly #run: ProbeRun;
  readonly #resolve: (outcome: DirectionOutcome) => void;
  readonly #streams: Stream[] = [];
  readonly #curves: ByteCurve[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #tally = new TcpTally();
  readonly #ticks: NodeJS.Timeout;
  /** How long nothing may arrive. */
  readonly #patience: number;
  #release = (): void => {};
  #timer: NodeJS.Timeout | undefined;
  #begun: number | undefined;
  #progressedAt = 0;
  #isOver = false;

  constructor(plan: DirectionPlan, run: ProbeRun, resolve: (outcome: DirectionOutcome) => void) {
    this.#plan = plan;
    this.#run = run;
    this.#resolve = resolve;
    this.#patience = Math.min(LONGEST_SILENCE, Math.max(plan.duration / 2, SHORTEST_SILENCE + 4 * plan.rtt));
    this.#ticks = setInterval(() => this.#tick(), INTERVAL);
  }

  start(): void {
    const { signal } = this.#run;
    const giveUp = (): void => this.#end(timedOut(this.#plan.timeout, 'the end of the test'));
    if (signal.aborted) {
      giveUp();
      return;
    }
    this.#release = onAbort(signal, giveUp);
    for (let stream = 0; stream < this.#plan.streams && !this.#isOver; stream += 1) {
      this.#streams.push(this.#plan.open(this.#plan.share, this.#listener()));
    }
  }

  #listener(): StreamListener {
    let curve: ByteCurve | undefined;
    return {
      started: (socket) => {
        if (this.#isOver) return;
        this.#begin();
        this.#sockets.add(socket);
        curve = new ByteCurve(performance.now());
        this.#curves.push(curve);
      },
      progressed: (total) => {
        if (this.#isOver || curve === undefined) return;
        const now = performance.now();
        if (total > curve.total) this.#moved(now);
        curve.record(now, total);
      },
      finished: () => this.#finish('bytes'),
      failed: (failure) => this.#end(failure),
    };
  }

  #begin(): void {
    if (this.#begun !== undefined) return;
    this.#begun = performance.now();
    this.#progressedAt = this.#begun;
  }

  /** A short time that began with the handshake could be over before a long path has brought anything. */
  #moved(now: number): void {
    this.#progressedAt = now;
    this.#timer ??= setTimeout(() => afterReading(() => this.#finish('duration')), this.#plan.duration);
  }

  #tick(): void {
    this.#readSockets();
    if (this.#run.wasOffline || this.#isSilent()) afterReading(() => this.#judgeGap());
  }

  #readSockets(): void {
    for (const socket of this.#sockets) {
      const info = this.#plan.readTcp(socket);
      if (info !== undefined) this.#tally.add(socket, info);
    }
  }

  /** An outage of this host's own shows in the figures, even where all went on after it. @returns whether there was a gap. */
  #judgeGap(): boolean {
    if (this.#run.wasOffline) {
      this.#end(inconclusive('offline', "this host's network was down in the middle of the test"));
    } else if (this.#isSilent()) {
      const total = this.#curves.reduce((sum, curve) => sum + curve.total, 0);
      this.#end(failedBy('path', 'stalled', `nothing arrived for ${this.#patience} ms, after ${total} bytes`));
    }
    return this.#isOver;
  }

  #isSilent(): boolean {
    return this.#begun !== undefined && performance.now() - this.#progressedAt >= this.#patience;
  }

  #finish(endedBy: 'duration' | 'bytes'): void {
    if (this.#isOver) return;
    if (!this.#judgeGap()) this.#conclude({ status: 'ok' }, endedBy);
  }

  #end(failure: ProbeFailure): void {
    this.#conclude(failure, 'failure');
  }

  #conclude(verdict: ProbeVerdict, endedBy: DirectionFacts['endedBy']): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release();
    clearInterval(this.#ticks);
    clearTimeout(this.#timer);
    this.#readSockets();
    if (this.#plan.arrival === 'here') {
      const now = performance.now();
      for (const curve of this.#curves) curve.record(now, curve.total);
    }
    for (const stream of this.#streams) stream.destroy();
    this.#resolve({ verdict, ...(this.#begun !== undefined && { facts: this.#facts(this.#begun, endedBy) }) });
  }

  #facts(begun: number, endedBy: DirectionFacts['endedBy']): DirectionFacts {
    const tcp = this.#tally.summary();
    return {
      ...throughputOf(this.#curves, begun),
      streams: this.#curves.length,
      endedBy,
      ...(tcp !== undefined && { tcp }),
    };
  }
}

/** Calls back when what the kernel has kept for us while the event loop stood still is heard: after a stall, timers come first. */
const afterReading = setImmediate;

/** Milliseconds. TCP itself repeats after 200 ms and doubles that (RFC 6298): a path that is worse than that for so long is no path. */
const LONGEST_SILENCE = 3_000;
/** Milliseconds. A short test is no reason for less than the first time-out of TCP (RFC 6298 section 2.1), and for some round trips more. */
const SHORTEST_SILENCE = 1_000;
