import type { NetworkReason } from '../state/index.js';

/**
 * What a probe found.
 *
 * - `ok`: the target answered as it should.
 * - `failed`: it did not, while this host's own network was there.
 * - `inconclusive`: nothing can be said of the target, because this host was offline at some moment of the probe, or could not ask.
 */
export type ProbeStatus = 'ok' | 'failed' | 'inconclusive';

/**
 * Where the cause lies, as far as it can be told from here.
 *
 * - `target`: it answered, and what it answered is not what it should: a refusal, a bad certificate, an unexpected status.
 * - `path`: nothing came back in time, or a router said that it cannot deliver. A target that is switched off looks like this as well.
 * - `resolver`: its name could not be resolved.
 * - `local`: this host: its network was down, or it lacks a permission, a descriptor, an address. Always `inconclusive`.
 */
export type FailureSource = 'target' | 'path' | 'resolver' | 'local';

/** The judgement of a probe: `ok`, or what is wrong and whose fault that is. */
export type ProbeVerdict = { readonly status: 'ok' } | ProbeFailure;

/** What is wrong. */
export interface ProbeFailure {
  readonly status: 'failed' | 'inconclusive';
  readonly failureSource: FailureSource;
  /** One word for programs, stable: `'timeout'`, `'refused'`, `'certificate-expired'`. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
}

/** What an engine measured, before it is known whether this host was online. */
export interface Measurement<Facts extends object, Phase extends string> {
  readonly verdict: ProbeVerdict;
  /** The IP address that was asked, where it came to that. */
  readonly address?: string | undefined;
  /** See {@link ProbeResult}. */
  readonly samples: readonly number[];
  /** See {@link ProbeResult}. */
  readonly timings: Timings<Phase>;
  /** See {@link ProbeResult}. */
  readonly facts: Facts;
}

/** How long each phase took, in milliseconds; a phase that was not finished is absent. */
export type Timings<Phase extends string> = { readonly [Name in Phase]?: number };

/** What every probe resolves to. A plain value: it can be stored, sent and compared. */
export interface ProbeResult<Facts extends object = object, Phase extends string = string> {
  /** Which engine: `'tcp'`, `'http'`, `'dns'`, `'ping'`. */
  readonly probe: string;
  /** What was probed, as it was given. */
  readonly target: string;
  /** What was found. */
  readonly status: ProbeStatus;
  /** Whose fault it is; absent where the status is `ok`. */
  readonly failureSource?: FailureSource;
  /** What is wrong, in one word for programs: `'timeout'`, `'refused'`, `'offline'`. Absent where the status is `ok`. */
  readonly reason?: string;
  /** What is wrong, in one sentence for people; absent where the status is `ok`. */
  readonly message?: string;
  /** Why this host's own network was down at some moment of the probe; absent where it was not, or nobody watched it. */
  readonly offline?: NetworkReason;
  /** The IP address that was asked, where it came to that. */
  readonly address?: string;
  /** When the probe began: milliseconds since the epoch. */
  readonly startedAt: number;
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /** The round-trip times that were measured, in milliseconds and in the order of asking. What was not answered has none. */
  readonly samples: readonly number[];
  /** How long each phase took, in milliseconds; a phase that was not finished is absent. */
  readonly timings: Timings<Phase>;
  /** What the engine learnt beside; each has its own. */
  readonly facts: Facts;
}
