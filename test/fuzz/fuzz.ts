import type { Verdict } from './check.js';
import type { MakeInput } from './make-input.js';

export interface FuzzOptions {
  /** How many inputs to try, from the first on. */
  readonly inputs: number;
  readonly makeInput: MakeInput;
  readonly check: (input: Uint8Array) => Verdict;
  /** Called before each input, with its number. */
  readonly onInput?: (input: number) => void;
}

export interface Tally {
  readonly inputs: number;
  readonly decoded: number;
  readonly refused: number;
  readonly failures: number;
  /** The first of the failures. */
  readonly findings: readonly Finding[];
}

/** An input that has broken a promise of the decoder. */
export interface Finding {
  readonly input: number;
  readonly hex: string;
  readonly problem: string;
}

/** Tries one input after the other, and goes on after a failure. */
export function fuzz({ inputs, makeInput, check, onInput }: FuzzOptions): Tally {
  const count = { decoded: 0, refused: 0, violation: 0 };
  const findings: Finding[] = [];
  withoutStackTraces(() => {
    for (let input = 0; input < inputs; input += 1) {
      onInput?.(input);
      const bytes = makeInput(input);
      const verdict = check(bytes);
      count[verdict.kind] += 1;
      if (verdict.kind === 'violation' && findings.length < MOST_FINDINGS) {
        findings.push({ input, hex: Buffer.from(bytes).toString('hex'), problem: verdict.problem });
      }
    }
  });
  return { inputs, decoded: count.decoded, refused: count.refused, failures: count.violation, findings };
}

/** One mistake is found again and again; so many are enough to see it. */
const MOST_FINDINGS = 10;

/** Half of the inputs are refused by an error of which nobody looks at the stack, and that is the dearest part of it. */
function withoutStackTraces(action: () => void): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    action();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
