import { setMaxListeners } from 'node:events';
import type { CheckResult } from '../state/index.js';
import type { Connect, ConnectOutcome } from './connect.js';
import type { Egress } from './path.js';

/** An endpoint to be checked, with the addresses that its name stands for now. */
export interface CheckTarget {
  /** What the user called it. */
  readonly label: string;
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  readonly connect: Connect;
  /** The way out that leads there, where it is known. */
  readonly egress?: Egress;
  /** Where it is noted what a round found out. */
  note(decision: HostDecision): void;
}

export interface CheckRoundOptions {
  readonly targets: readonly CheckTarget[];
  /** Milliseconds for each connect. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Called for each target as soon as it is decided. */
  onDecided(decision: HostDecision, target: CheckTarget): void;
}

/** What a round found out about one target. */
export interface HostDecision {
  readonly found: 'reached' | 'silent' | 'no-evidence';
  /** When the round began, on the monotonic clock: silence is older news than any answer since. */
  readonly askedAt: number;
  readonly results: readonly CheckResult[];
}

/** Asks every host on every port at once. Resolves when all are decided; never rejects. */
export async function runCheckRound(options: CheckRoundOptions): Promise<void> {
  await Promise.all(options.targets.map((target) => checkHost(target, options)));
}

async function checkHost(target: CheckTarget, options: CheckRoundOptions): Promise<void> {
  const askedAt = performance.now();
  const results: CheckResult[] = [];
  const outcomes: ConnectOutcome[] = [];
  // The first answer decides; the host's other connects are ended.
  const decided = new AbortController();
  const signal = AbortSignal.any([options.signal, decided.signal]);
  // One listener a connect, all of them gone with the round: not the leak that Node would warn of.
  setMaxListeners(0, signal);

  const attempt = async (address: string, port: number): Promise<void> => {
    const startedAt = performance.now();
    const outcome = await target.connect({ address, port, timeout: options.timeout, signal });
    if (signal.aborted && outcome.kind !== 'reached') return;
    outcomes.push(outcome);
    results.push(toResult(target.label, port, outcome, performance.now() - startedAt));
    if (outcome.kind !== 'reached' || signal.aborted) return;
    decided.abort();
    options.onDecided({ found: 'reached', askedAt, results }, target);
  };

  if (target.addresses.length === 0) {
    const unresolved = target.ports.map((port) => ({
      host: target.label,
      port,
      reachable: false,
      duration: 0,
      error: 'ENOTFOUND',
    }));
    options.onDecided({ found: 'no-evidence', askedAt, results: unresolved }, target);
    return;
  }
  await Promise.all(
    oneOfEachFamily(target.addresses).flatMap((address) => target.ports.map((port) => attempt(address, port))),
  );
  if (signal.aborted) return;
  options.onDecided({ found: sum(outcomes), askedAt, results }, target);
}

function sum(outcomes: readonly ConnectOutcome[]): 'silent' | 'no-evidence' {
  return outcomes.some(({ kind }) => kind === 'silent') ? 'silent' : 'no-evidence';
}

/** A name with forty addresses must not cost forty connects every ten seconds. */
function oneOfEachFamily(addresses: readonly string[]): readonly string[] {
  const v4 = addresses.find((address) => !address.includes(':'));
  const v6 = addresses.find((address) => address.includes(':'));
  return [v4, v6].filter((address) => address !== undefined);
}

function toResult(host: string, port: number, outcome: ConnectOutcome, duration: number): CheckResult {
  const reachable = outcome.kind === 'reached';
  return { host, port, reachable, duration, ...(outcome.kind !== 'reached' && { error: outcome.code }) };
}
