/**
 * What the monitor makes of the network.
 *
 * - `unknown`: nothing has been judged yet.
 * - `up`: there is a path and everything that was asked answered.
 * - `degraded`: usable as far as anybody can tell, but not everything answered or nothing could be verified.
 * - `down`: there is good evidence that work cannot get through. The only state that pauses work.
 */
export type NetworkState = 'unknown' | 'up' | 'degraded' | 'down';

/**
 * Why there is no path, as the kernel has it.
 *
 * - `no-carrier`: the link is administratively up, but the cable, the radio or the peer is gone.
 * - `link-down`: the link was set down, or has vanished.
 * - `no-address`: the link is there, but has no usable source address.
 * - `no-route`: the kernel knows no way to the destination.
 */
export type PathReason = 'no-carrier' | 'link-down' | 'no-address' | 'no-route';

/** Why the state is `down`: the kernel knows no path, or there is one and nobody who was asked answers. */
export type DownReason = PathReason | 'unreachable';

/**
 * Why the state is what it is.
 *
 * - a {@link PathReason}: `down`, and the kernel is the witness.
 * - `unreachable`: `down`; there is a path, but no check host answers, nor any destination of work that was asked.
 * - `partly-unreachable`: `degraded`; some check hosts answer and some do not, or none but a destination of work that was asked.
 * - `unverified`: `degraded`; nothing that could be asked has ever answered on this network, so silence proves nothing.
 * - `checks-disagree`: `degraded`; work got through while the check hosts said `down`.
 * - `reachable`: `up`; everything that was asked answered.
 * - `path`: `up`; there is a path and no check hosts are configured.
 * - `not-judged`: `unknown`; the monitor has not finished its first look.
 * - `stopped`: `unknown`; the monitor was stopped.
 */
export type NetworkReason =
  | DownReason
  | 'partly-unreachable'
  | 'unverified'
  | 'checks-disagree'
  | 'reachable'
  | 'path'
  | 'not-judged'
  | 'stopped';

/** How one check of one host and port ended. */
export interface CheckResult {
  /** The check host as configured: an address, a name or a URL. */
  readonly host: string;
  /** The TCP port that was connected to. */
  readonly port: number;
  /** A refusal counts as reachable: somebody answered. */
  readonly reachable: boolean;
  /** Milliseconds from the start of the connect to its end. */
  readonly duration: number;
  /** The error code of a failed connect, such as `'ETIMEDOUT'`. */
  readonly error?: string;
}

/** A change of state, as a value that can be logged and compared. */
export interface NetworkChange {
  /** The state before. */
  readonly from: NetworkState;
  /** The state from now on. */
  readonly to: NetworkState;
  /** Why it is what it is now. */
  readonly reason: NetworkReason;
  /** When it was judged: milliseconds since the epoch, for people. Decisions are made on monotonic clocks only. */
  readonly at: number;
  /** The interface that the judgement rests on, such as `'eth0'`, where there is one. */
  readonly interface?: string;
  /** The newest result of every check, oldest first; empty where none ran. */
  readonly checks: readonly CheckResult[];
}

const PATH_REASONS: ReadonlySet<NetworkReason> = new Set(['no-carrier', 'link-down', 'no-address', 'no-route']);

/** Whether the kernel itself is the witness of an outage, so that it is certain and was seen at once. */
export function isPathReason(reason: NetworkReason): reason is PathReason {
  return PATH_REASONS.has(reason);
}

/** What became of a piece of work that crossed the network. */
export type WorkOutcome =
  /** An answer came back, if only an HTTP error: proof of reach. */
  | { readonly ok: true }
  /** It failed in a way that the network may have caused. */
  | { readonly ok: false; readonly error: unknown };
