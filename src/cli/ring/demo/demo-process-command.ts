import { runCli } from '../../cli.js';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { RELAY, relayForParent } from './relay.js';

/**
 * Runs a command as a process of a demo: it ends when the process ends that has started it, in whatever way that is.
 *
 * @param words those of the command; or `relay` and whither.
 * @throws {CliError} where nobody has started it.
 */
export async function demoProcess(words: readonly string[]): Promise<number> {
  endWithParent();
  const [first, host = '', port = ''] = words;
  if (first !== RELAY) return runCli(words);
  return relayForParent({ host, port: Number(port) });
}

/** The kernel closes our channel to the parent when that is gone, be it by SIGKILL. */
function endWithParent(): void {
  if (!process.connected) throw new CliError('this is started by netpause ring demo, and by nobody else', EXIT.usage);
  process.once('disconnect', () => process.exit(EXIT.failed));
  // It is no reason to stay.
  process.channel?.unref();
}
