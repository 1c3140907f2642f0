import { NetworkMonitor } from '../../../monitor/index.js';
import { createMember, type Member, type MemberOptions } from '../../../ring/index.js';
import { EXIT } from '../../exit-codes.js';
import { printable } from '../../text/fit.js';
import { Cleanups } from '../cleanups.js';
import { openTokenFile } from '../open-token-file.js';
import { complaintOf } from '../option-complaint.js';
import { RingLog } from '../ring-log.js';
import { keepHeapSmall } from '../small-heap.js';
import { aborted, untilSignalled } from '../until-signalled.js';
import { type GatheredOptions, gatherOptions } from './gather-options.js';
import type { MemberFlags } from './member-flags.js';

/** Runs a member until it is told to stop, and resolves with the exit code. */
export async function member(path: string | undefined, flags: MemberFlags): Promise<number> {
  const gathered = await gatherOptions(path, flags, process.env);
  const log = new RingLog({ level: gathered.options.logLevel ?? 'info', json: flags.json === true });
  const onSignal = (signal: NodeJS.Signals): void =>
    log.announce([`${signal}: leaving the ring`], 'stopping', { signal });
  await untilSignalled(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'], onSignal, (signal) => run(gathered, log, signal));
  log.announce(['stopped'], 'stopped');
  return EXIT.ok;
}

async function run(gathered: GatheredOptions, log: RingLog, signal: AbortSignal): Promise<void> {
  const { options, sources, tokenFile, ignored, doubts } = gathered;
  if (ignored.length > 0) log.write('warn', 'variables are not read beside a file', { variables: ignored.join(',') });
  for (const { message, fields } of doubts) log.write('warn', message, fields);
  await using cleanups = new Cleanups();
  const tokens = tokenFile === undefined ? undefined : await openTokenFile('--token-file', tokenFile, log);
  cleanups.add(() => tokens?.close());
  // So that a registry's file can be used as it is: what stands first in it is the newest.
  const token = tokens === undefined ? options.token : () => tokens.tokens[0];
  try {
    if (options.checkHosts !== undefined) checkCheckHosts(options.checkHosts);
    await using running = await createMember({ ...options, token, logger: log.logger });
    announce(running, options, log);
    keepHeapSmall();
    await aborted(signal);
  } catch (error) {
    throw await complaintOf(error, sources);
  }
}

/**
 * Beside a registry on this host the member has no monitor that would do so.
 *
 * @throws {InvalidOptionError}
 */
function checkCheckHosts(checkHosts: readonly string[]): void {
  new NetworkMonitor({ checkHosts });
}

function announce({ url, id }: Member, options: MemberOptions, log: RingLog): void {
  const { location, registryUrl = 'http://localhost:8756', plan = 'mesh' } = options;
  const registries = typeof registryUrl === 'string' ? registryUrl : registryUrl.join(', ');
  const whom = plan === 'mesh' ? 'all others' : 'those next on the ring';
  log.announce(
    [
      `member ${id} of ${location} listening on ${url}`,
      `it checks ${whom} that ${registries} names`,
      `Prometheus scrapes ${url}/metrics; people look at ${url}/health`,
    ].map(printable),
    'member listening',
    { id, location, url, registries, plan },
  );
}
