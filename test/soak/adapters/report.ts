import type { Mode } from './contract.js';
import type { Fault, Observation, Verdict } from './judge.js';

/** One transfer in a line. */
export function toLine(
  run: number,
  mode: Mode,
  { end, faults, planned, duration, received }: Observation,
  verdict: Verdict,
): string {
  const ending = end.ok ? 'completed' : `failed (${end.error})`;
  const facts = [
    `${ending} after ${seconds(duration)}`,
    ...(end.ok ? [verdict.sha256Equal ? 'hash equal' : 'HASH NOT EQUAL'] : []),
    `${faults.length} of ${planned} faults: ${faults.map(describeFault).join(', ') || 'none'}`,
    `attempts spent: ${verdict.attemptsSpentOnOutages} on outages, ${verdict.attemptsSpentOnRestarts} on the restart`,
    `sent again for one fault: ${mebibytes(verdict.maxBytesSentAgain)} at most`,
    `on the wire: ${mebibytes(received)}${verdict.understated ? ', MORE THAN IT TELLS OF' : ''}`,
    verdict.leftovers.length === 0 ? 'nothing left' : `left: ${verdict.leftovers.join(', ')}`,
  ];
  return `run ${run}, ${mode.padEnd(8)}  ${facts.join('; ')}`;
}

function describeFault({ kind, from, to }: Fault): string {
  return `${kind} ${seconds(Number(to - from) / 1e6)}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}
