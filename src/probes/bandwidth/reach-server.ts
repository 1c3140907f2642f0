import { DEFAULT_ATTEMPT_DELAY, familyOf } from '../connect/connect-options.js';
import { connectFirst } from '../connect/connect-race.js';
import { findAddresses } from '../connect/find-addresses.js';
import { localEndOf } from '../connect/local-end.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { ResolveHost } from '../resolve-host.js';
import type { ProbeRun } from '../run-probe.js';
import type { BandwidthSettings, BandwidthTarget } from './bandwidth-options.js';
import { linkOf } from './link-of.js';
import type { ServerAccess } from './server-access.js';
import type { TestRecord } from './test-record.js';

/**
 * Finds the address that answers, and the interface over which it is reached, by a connection that is closed again: it may be a while until it
 * is this test's turn.
 *
 * @throws {ProbeFailedError}
 */
export async function reachServer(
  { host, port }: BandwidthTarget,
  settings: BandwidthSettings,
  resolve: ResolveHost | undefined,
  run: ProbeRun,
  record: TestRecord,
): Promise<ServerAccess> {
  const begun = performance.now();
  const { timeout, token, attemptDelay = DEFAULT_ATTEMPT_DELAY } = settings;
  const { signal } = run;
  const local = await localEndOf(settings);
  const found = await findAddresses(host, familyOf(settings), resolve, { signal, timeout });
  if ('failure' in found) throw new ProbeFailedError(found.failure);
  const { addresses, duration } = found;
  if (duration !== undefined) record.took('resolve', duration);
  const [only] = addresses;
  if (addresses.length === 1 && only !== undefined) run.towards(authorityOf(only, port));

  const outcome = await connectFirst({ addresses, port, local, attemptDelay, begun, timeout, signal });
  const { address } = outcome;
  if (addresses.length > 1) run.towards(authorityOf(address, port));
  if ('failure' in outcome) throw new ProbeFailedError(outcome.failure);
  const { socket } = outcome;
  record.reached(address, outcome.duration);
  record.learnt({ link: settings.interface ?? linkOf(socket.localAddress ?? '', address) });
  socket.destroy();
  return { address, port, rtt: outcome.duration, authority: authorityOf(host, port), local, token };
}

function authorityOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
