import { NetworkMonitor } from '../../monitor/index.js';
import { arrayOf, checkOptions, milliseconds, type OptionRules, wholeNumberFrom } from '../../options/index.js';
import type { RetryOptions } from '../../retry/index.js';
import { type MonitorFlags, monitorOptionsOf } from '../options/monitor-flags.js';
import { type TargetFlags, targetOf } from '../options/target-flags.js';
import { say } from '../output.js';
import { onSignals, STOPPING } from '../signals.js';
import { Execution } from './execution.js';
import { isInForeground, readSelf } from './process-table.js';
import { type Argv, runCommand } from './run-command.js';

/** The flags of `netpause exec`. Durations are in milliseconds. */
export interface ExecFlags extends MonitorFlags, TargetFlags {
  readonly retries: number;
  readonly minTimeout: number;
  readonly maxTimeout: number;
  readonly factor: number;
  readonly randomize?: boolean;
  readonly interruptAfter?: number;
  readonly killAfter: number;
  readonly timeout?: number;
  readonly maxPause?: number;
  readonly trialInterval?: number;
  readonly final?: readonly number[];
  readonly target?: string;
  readonly quiet?: boolean;
}

/** Runs a command so that outages do not count, and resolves with the exit code that is to be ours. */
export async function exec(argv: Argv, flags: ExecFlags): Promise<number> {
  const { killAfter, final = [] } = flags;
  checkOptions('exec', { killAfter, final }, RULES);
  const monitor = new NetworkMonitor(monitorOptionsOf(flags));
  const network = targetOf(monitor, flags.target, flags) ?? monitor;
  const execution = new Execution(
    { network, retry: retryOptionsOf(flags), killAfter, finalCodes: new Set(final) },
    { start: () => runCommand(argv), say: flags.quiet === true ? () => {} : say },
  );
  const release = [
    onSignals(STOPPING, (signal) => execution.stop(signal, isTyped(signal) ? 'both' : 'us')),
    onSignals(PASSED_ON, (signal) => execution.pass(signal)),
  ];
  try {
    await monitor.start();
    return await execution.run();
  } finally {
    for (const each of release) each();
    await monitor.stop();
  }
}

interface OwnOptions {
  readonly killAfter: number;
  readonly final: readonly number[];
}

const RULES: OptionRules<OwnOptions> = {
  killAfter: milliseconds(),
  final: arrayOf(wholeNumberFrom(1, 255), 'an exit code from 1 to 255'),
};

/** What a command may understand as it likes, and does not end us. */
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGUSR1', 'SIGUSR2', 'SIGCONT'];

/**
 * Whether a signal comes from the keyboard of the terminal, whose whole foreground group gets it. A command that got it twice would take the second
 * one for impatience. Who has sent a signal Node cannot say; but in the foreground it is hardly anybody else who sends these two.
 */
function isTyped(signal: NodeJS.Signals): boolean {
  if (signal !== 'SIGINT' && signal !== 'SIGQUIT') return false;
  const self = readSelf();
  return self !== undefined && isInForeground(self);
}

function retryOptionsOf(flags: ExecFlags): RetryOptions {
  const { retries, minTimeout, maxTimeout, factor, randomize, interruptAfter, timeout, maxPause, trialInterval } =
    flags;
  return { retries, minTimeout, maxTimeout, factor, randomize, interruptAfter, timeout, maxPause, trialInterval };
}
