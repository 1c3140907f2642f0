#!/usr/bin/env node
import { runCli } from './cli.js';
import { exitCodeOfSignal } from './exit-codes.js';

// Whoever reads our output has seen enough, as with `| head`: programs that are not told otherwise are ended by SIGPIPE then, in silence.
process.stdout.on('error', () => process.exit(exitCodeOfSignal('SIGPIPE')));

process.exitCode = await runCli(process.argv.slice(2));
