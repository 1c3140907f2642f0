import { cpus, release } from 'node:os';
import { type Arguments, readArguments, USAGE } from './arguments.js';
import { PARTS } from './parts.js';
import { runParts } from './run-parts.js';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const asked = ask(args);
  if ('error' in asked) {
    process.stderr.write(`${asked.error}\n\n${USAGE}\n`);
    return 2;
  }
  if ('answer' in asked) {
    print(asked.answer);
    return 0;
  }
  // Labs, their processes and temporary files end with this process.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  print(
    `Node.js ${process.versions.node}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  );
  if (asked.scale === 'quick') print('The quick form: its figures mean nothing.');
  const failed = await runParts(asked, {
    print,
    say: (text) => process.stderr.write(`${text}\n`),
  });
  return failed.length === 0 ? 0 : 1;
}

function ask(args: readonly string[]): Arguments | { readonly answer: string } | { readonly error: string } {
  try {
    return readArguments(args, PARTS);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
