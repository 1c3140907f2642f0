import type { Measurement } from '../result.js';
import type { BandwidthFacts, BandwidthPhase } from './bandwidth-result.js';

type Findings = Omit<Measurement<BandwidthFacts, BandwidthPhase>, 'verdict'>;

/** What a test has found so far: it is kept when something goes wrong after. */
export class TestRecord {
  #findings: Findings = { facts: {}, timings: {}, samples: [] };

  get findings(): Findings {
    return this.#findings;
  }

  /** The IP address that is tested against, and how long the handshake with it took. */
  reached(address: string, connect: number): void {
    this.#findings = { ...this.#findings, address, samples: [connect] };
    this.took('connect', connect);
  }

  /** Facts in addition to those before. */
  learnt(facts: BandwidthFacts): void {
    this.#findings = { ...this.#findings, facts: { ...this.#findings.facts, ...facts } };
  }

  /** @param duration in milliseconds. */
  took(phase: BandwidthPhase, duration: number): void {
    this.#findings = { ...this.#findings, timings: { ...this.#findings.timings, [phase]: duration } };
  }

  /** Awaits a phase; one that fails has no duration. */
  async timed<Value>(phase: BandwidthPhase, work: Promise<Value>): Promise<Value> {
    const begun = performance.now();
    const value = await work;
    this.took(phase, performance.now() - begun);
    return value;
  }
}
