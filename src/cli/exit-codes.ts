import { constants } from 'node:os';
import type { ProbeStatus } from '../probes/index.js';
import type { NetworkState } from '../state/index.js';

/** What the command exits with, one meaning a code. From 124 on they are those of timeout(1), env(1) and the shells. */
export const EXIT = {
  ok: 0,
  /** `status`: the network is down. `doctor`: something is missing that outages are noticed by. `probe`: a probe failed. */
  down: 1,
  /** An option or argument is wrong. */
  usage: 2,
  /** `status`: usable, but not everything answers or nothing could be verified. `probe`: none failed, but not all could be judged. */
  degraded: 3,
  /** `status`: nothing could be judged. */
  unknown: 4,
  /** A time limit was reached: `wait --timeout`, and `--max-pause` or `--timeout` of `exec`. */
  timedOut: 124,
  /** netpause itself failed. */
  failed: 125,
  /** `exec`: the command is there, but cannot be run. */
  cannotRun: 126,
  /** `exec`: there is no such command. */
  notFound: 127,
} as const;

/** The exit code of a process that a signal has ended, as a shell tells it. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** The exit code of `status` for each state. */
export const EXIT_BY_STATE: Readonly<Record<NetworkState, number>> = {
  up: EXIT.ok,
  degraded: EXIT.degraded,
  down: EXIT.down,
  unknown: EXIT.unknown,
};

/** The exit code of `probe` for each status; of several results the worst counts. */
export const EXIT_BY_STATUS: Readonly<Record<ProbeStatus, number>> = {
  ok: EXIT.ok,
  failed: EXIT.down,
  inconclusive: EXIT.degraded,
};
