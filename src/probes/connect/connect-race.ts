import { isIP, type Socket } from 'node:net';
import { onAbort } from '../../events/index.js';
import { failedBy, failureOf, inconclusive, timedOut } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { FailureSource, ProbeFailure } from '../result.js';
import type { LocalEnd } from './local-end.js';

/** One try to connect to one address. */
export interface ConnectAttempt {
  /** The IP address. */
  readonly address: string;
  /** The TCP port. */
  readonly port: number;
  /** IPv4 or IPv6. */
  readonly family: 4 | 6;
  /** Milliseconds since the probe began. */
  readonly startedAt: number;
  /** How long it took to connect or to fail, in milliseconds; absent where that was not waited for. */
  readonly duration?: number;
  /**
   * `'connected'`; `'cancelled'` where another was quicker; `'timeout'` where the time of the probe was over; otherwise the reason why it
   * failed, such as `'refused'` or `'host-unreachable'`.
   */
  readonly outcome: string;
}

export interface ConnectRequest {
  /** IP addresses in the order of trying, at least one. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly local: LocalEnd;
  /** Milliseconds. */
  readonly attemptDelay: number;
  /** When the probe began, by `performance.now()`. */
  readonly begun: number;
  /** Milliseconds that the probe has, for its message. */
  readonly timeout: number;
  /** Ends all attempts. */
  readonly signal: AbortSignal;
}

export type ConnectOutcome =
  | {
      readonly attempts: readonly ConnectAttempt[];
      /** The address that was connected to. */
      readonly address: string;
      /** Belongs to the receiver; an error that has come since is in `socket.errored`. */
      readonly socket: Socket;
      /** How long the attempt took that connected, in milliseconds. */
      readonly duration: number;
    }
  | {
      readonly attempts: readonly ConnectAttempt[];
      /** The address whose failure it is. */
      readonly address: string;
      readonly failure: ProbeFailure;
    };

/** Connects to the first of the addresses that lets itself be connected to, by "happy eyeballs" (RFC 8305 section 5). Never rejects. */
export async function connectFirst(request: ConnectRequest): Promise<ConnectOutcome> {
  const outcome = await new Promise<ConnectOutcome>((resolve) => new ConnectRace(request, resolve).start());
  if (!('failure' in outcome) || outcome.failure.reason !== 'no-route') return outcome;
  const { local, port } = request;
  const isRoutersWord = (await local.hasRoute?.(outcome.address, port)) ?? false;
  return isRoutersWord ? asRoutersWord(outcome) : outcome;
}

/** Of "network unreachable" the error does not say whose word it is: the kernel ends a connect by that of a router as well (`tcp_v4_err()`). */
function asRoutersWord({ attempts, address, failure }: Extract<ConnectOutcome, { failure: unknown }>): ConnectOutcome {
  const isMeant = (attempt: ConnectAttempt) => attempt.address === address && attempt.outcome === 'no-route';
  return {
    attempts: attempts.map((attempt) => (isMeant(attempt) ? { ...attempt, outcome: NET_UNREACHABLE } : attempt)),
    address,
    failure: failedBy('path', NET_UNREACHABLE, failure.message),
  };
}

const NET_UNREACHABLE = 'net-unreachable';

/** More addresses than that say nothing new of a target, and a name may have thousands. */
const MOST_ATTEMPTS = 16;

interface Running {
  readonly address: string;
  readonly startedAt: number;
  readonly socket: Socket | undefined;
  settled: { readonly outcome: string; readonly duration?: number } | undefined;
}

class ConnectRace {
  readonly #request: ConnectRequest;
  readonly #resolve: (outcome: ConnectOutcome) => void;
  readonly #addresses: readonly string[];
  readonly #attempts: Running[] = [];
  #release = (): void => {};
  #timer: NodeJS.Timeout | undefined;
  #worst: { readonly address: string; readonly failure: ProbeFailure } | undefined;
  #isOver = false;

  constructor(request: ConnectRequest, resolve: (outcome: ConnectOutcome) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#addresses = request.addresses.slice(0, MOST_ATTEMPTS);
  }

  start(): void {
    if (this.#request.signal.aborted) {
      this.#note(this.#addresses[0] ?? '', timedOut(this.#request.timeout, 'the moment to connect'));
      this.#conclude('timeout');
      return;
    }
    this.#release = onAbort(this.#request.signal, () => this.#giveUp());
    this.#startNext();
  }

  #startNext(): void {
    clearTimeout(this.#timer);
    const address = this.#addresses[this.#attempts.length];
    if (address === undefined) return;
    if (this.#attempts.length + 1 < this.#addresses.length) {
      this.#timer = setTimeout(() => this.#startNext(), this.#request.attemptDelay);
    }
    const startedAt = performance.now();
    try {
      this.#follow({
        address,
        startedAt,
        socket: this.#request.local.connect(address, this.#request.port),
        settled: undefined,
      });
    } catch (error) {
      const attempt: Running = { address, startedAt, socket: undefined, settled: undefined };
      this.#attempts.push(attempt);
      this.#failed(attempt, error);
    }
  }

  #follow(attempt: Running): void {
    this.#attempts.push(attempt);
    attempt.socket?.once('connect', () => this.#connected(attempt));
    // For as long as the socket lives: a late error has nobody else to tell.
    attempt.socket?.on('error', (error) => this.#failed(attempt, error));
  }

  #connected(attempt: Running): void {
    const { address, socket } = attempt;
    if (this.#isOver || socket === undefined) return;
    const duration = performance.now() - attempt.startedAt;
    attempt.settled = { outcome: 'connected', duration };
    this.#end('cancelled');
    this.#resolve({ attempts: this.#report(), address, socket, duration });
  }

  #failed(attempt: Running, error: unknown): void {
    if (this.#isOver || attempt.settled !== undefined) return;
    const failure = failureOfConnect(error);
    attempt.settled = { outcome: failure.reason, duration: performance.now() - attempt.startedAt };
    this.#note(attempt.address, failure);
    if (this.#attempts.length < this.#addresses.length) this.#startNext();
    else if (this.#attempts.every(({ settled }) => settled !== undefined)) this.#conclude('cancelled');
  }

  #giveUp(): void {
    const pending = this.#attempts.find(({ settled }) => settled === undefined);
    if (pending !== undefined)
      this.#note(pending.address, timedOut(this.#request.timeout, 'an answer to the attempt to connect'));
    this.#conclude('timeout');
  }

  #conclude(outcome: string): void {
    this.#end(outcome);
    if (this.#worst !== undefined) this.#resolve({ attempts: this.#report(), ...this.#worst });
  }

  /** What a target itself said weighs more than what a path did not bring, and both more than what this host could not do. */
  #note(address: string, failure: ProbeFailure): void {
    if (this.#worst !== undefined && WEIGHT[this.#worst.failure.failureSource] >= WEIGHT[failure.failureSource]) return;
    this.#worst = { address, failure };
  }

  #end(outcomeOfOthers: string): void {
    this.#isOver = true;
    this.#release();
    clearTimeout(this.#timer);
    for (const attempt of this.#attempts) {
      if (attempt.settled !== undefined) continue;
      attempt.settled = { outcome: outcomeOfOthers };
      attempt.socket?.destroy();
    }
  }

  #report(): readonly ConnectAttempt[] {
    const { port, begun } = this.#request;
    return this.#attempts.map(({ address, startedAt, settled }) => ({
      address,
      port,
      family: isIP(address) === 6 ? 6 : 4,
      startedAt: startedAt - begun,
      ...(settled ?? { outcome: 'cancelled' }),
    }));
  }
}

const WEIGHT = { target: 3, path: 2, resolver: 1, local: 0 } as const satisfies Record<FailureSource, number>;

function failureOfConnect(error: unknown): ProbeFailure {
  if (error instanceof ProbeFailedError) return error.failure;
  return failureOf(error) ?? inconclusive('connect-failed', String(error));
}
