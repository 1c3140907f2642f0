import { styleText } from 'node:util';
import { monotonicMs } from './clock.js';
import type { Course, DemoResult } from './result.js';
import { CONTENDERS, type Contender } from './stage.js';

export type Tone = 'good' | 'bad' | 'note';

/** The timeline on a terminal, or as plain lines where there is none. */
export interface Screen {
  text(...lines: readonly string[]): void;
  /** Times are shown as seconds since this moment. @returns it, as {@link monotonicMs} */
  start(): number;
  event(at: number, who: Contender | 'network', text: string, tone: Tone): void;
  progress(contender: Contender, at: number, fraction: number): void;
  verdict(verdict: Verdict): void;
  close(): void;
}

export interface Verdict {
  readonly result: DemoResult;
  readonly netpause: Course;
  readonly plain: Course;
  /** {@link monotonicMs} */
  readonly startedAt: number;
}

/** Where the lines go: a terminal, a file, a pipe. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const COLORS = { good: 'green', bad: 'red', note: 'yellow' } as const;
const BAR_WIDTH = 24;
const ERASE_LINE = '\r\u001b[2K';

/** Colours and the moving progress line appear on a terminal only; `NO_COLOR` (no-color.org) takes the colours away. */
export function createScreen(output: Output, environment: Readonly<Record<string, string | undefined>>): Screen {
  const isTerminal = output.isTTY === true && environment['TERM'] !== 'dumb';
  const paint =
    isTerminal && !environment['NO_COLOR']
      ? styleText
      : (_style: Parameters<typeof styleText>[0], text: string) => text;
  let startedAt = monotonicMs();
  const fractions = new Map<Contender, number>();
  let bottom = '';

  const print = (line: string) => output.write(`${bottom === '' ? '' : ERASE_LINE}${line}\n${bottom}`);
  const seconds = (at: number) => `${((at - startedAt) / 1000).toFixed(2).padStart(6)} s`;
  const event: Screen['event'] = (at, who, text, tone) =>
    print(`${paint('dim', seconds(at))}  ${paint('bold', who.padEnd(8))}  ${paint(COLORS[tone], text)}`);

  return {
    text: (...lines) => lines.forEach(print),
    start() {
      startedAt = monotonicMs();
      return startedAt;
    },
    event,
    progress(contender, at, fraction) {
      const quarter = Math.floor(fraction * 4);
      const passedQuarter = quarter > Math.floor((fractions.get(contender) ?? 0) * 4);
      fractions.set(contender, fraction);
      if (isTerminal) {
        bottom = CONTENDERS.map((one) => `${one} ${bar(fractions.get(one) ?? 0)}`).join('   ');
        output.write(`${ERASE_LINE}${bottom}`);
      } else if (passedQuarter) {
        event(at, contender, `${quarter * 25} % stored`, 'note');
      }
    },
    verdict: (verdict) => ['', ...table(verdict), ''].forEach(print),
    close() {
      output.write(bottom === '' ? '' : ERASE_LINE);
      bottom = '';
    },
  };
}

function bar(fraction: number): string {
  const full = Math.round(fraction * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${String(Math.round(fraction * 100)).padStart(3)} %`;
}

function table({ result, netpause, plain, startedAt }: Verdict): string[] {
  const row = (label: string, ...cells: readonly string[]) =>
    `  ${label.padEnd(20)}${cells.map((cell) => cell.padEnd(16)).join('')}`.trimEnd();
  const both = (tell: (course: Course) => string) => [tell(netpause), tell(plain)];
  return [
    row('', ...CONTENDERS),
    row('completed', ...both((course) => completion(course, startedAt))),
    row('SHA-256 equal', ...both(equality)),
    row('attempts spent', ...both((course) => String(course.attemptsSpent))),
    row('sent again', ...both((course) => sentAgain(course))),
    ...(result.simulated ? ['', '  This was a simulation: no real network was taken away.'] : []),
  ];
}

function completion({ result }: Course, startedAt: number): string {
  const after = ((result.at - startedAt) / 1000).toFixed(1);
  return result.completed ? `yes, in ${after} s` : `no, after ${after} s`;
}

function equality({ result, received }: Course): string {
  return result.completed ? (result.sha256 === received.sha256 ? 'yes' : 'no') : '–';
}

function sentAgain({ result, received }: Course): string {
  return result.completed ? `${(received.sentAgain / 2 ** 20).toFixed(1)} MiB` : '–';
}
