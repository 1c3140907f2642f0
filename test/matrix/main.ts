import { type Arguments, readArguments, USAGE } from './arguments.js';
import { SCENARIOS } from './index.js';
import { summaryText, toJson, toStory, toText } from './report.js';
import { playAll, type Result } from './runner.js';
import { isClean, summarize } from './summary.js';

const SHOW: Readonly<Record<Arguments['format'], (result: Result) => string>> = {
  text: toText,
  story: (result) => `${toText(result)}\n${toStory(result)}`,
  json: toJson,
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const asked = ask(args);
  if ('error' in asked) {
    process.stderr.write(`${asked.error}\n\n${USAGE}\n`);
    return 2;
  }
  if ('answer' in asked) {
    say(asked.answer);
    return 0;
  }
  endWhenInterrupted();
  const { scenarios, scale, lanes, format } = asked;
  const show = SHOW[format];
  const results = await playAll(scenarios, { scale, lanes, onResult: (result) => say(show(result)) });
  const summary = summarize(results);
  say(format === 'json' ? JSON.stringify(summary) : `\n${summaryText(summary)}`);
  return isClean(summary) ? 0 : 1;
}

function ask(args: readonly string[]): ReturnType<typeof readArguments> | { readonly error: string } {
  try {
    return readArguments(args, SCENARIOS);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** The end of this process is the end of every lab, and of everything in it; stages remove their files as it exits. */
function endWhenInterrupted(): void {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
