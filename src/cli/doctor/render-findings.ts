import type { Appearance } from '../text/appearance.js';
import { columnsOf, printable, wrap } from '../text/fit.js';
import type { Finding } from './diagnose.js';

/**
 * The findings as lines for people: a sign, the subject and what was found; under it what to do.
 *
 * @param columns of the terminal; in a pipe nothing is broken into lines.
 */
export function renderFindings(
  findings: readonly Finding[],
  { colours, signs }: Appearance,
  columns = Number.POSITIVE_INFINITY,
): readonly string[] {
  const subjectWidth = Math.max(0, ...findings.map(({ subject }) => columnsOf(subject)));
  const margin = ' '.repeat(subjectWidth + 4);
  const sign = {
    works: colours.good(signs.good),
    limited: colours.doubtful(signs.doubtful),
    fails: colours.bad(signs.bad),
    unused: ' ',
  } as const;
  return findings.flatMap(({ subject, verdict, detail, advice }) => {
    const [first = '', ...rest] = wrap(printable(detail), columns - margin.length);
    const steps = advice === undefined ? [] : wrap(`${signs.arrow} ${advice}`, columns - margin.length);
    return [
      `${sign[verdict]} ${subject.padEnd(subjectWidth)}  ${first}`,
      ...[...rest, ...steps].map((line) => margin + line),
    ];
  });
}
