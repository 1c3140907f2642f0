import { NetworkMonitor } from '../../monitor/index.js';
import { AllowList } from './allow-list.js';
import type { MemberHealth } from './member-health.js';
import { type MemberMonitor, type MemberOptions, type MemberSettings, resolveMemberOptions } from './member-options.js';
import { RunningMember } from './running-member.js';

/** A member that is running. */
export interface Member extends AsyncDisposable {
  /** `'http://127.0.0.1:8757'` */
  readonly url: string;
  /** By what it is known in the ring. */
  readonly id: string;
  /** How it and each of its tasks stand. */
  health(): MemberHealth;
  /** Leaves the ring, for two seconds at most, and ends everything. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a member of a ring: it registers, checks the others and reports what it sees. It resolves when the member's own service listens; a registry
 * that is away is waited for behind that.
 *
 * @throws {InvalidOptionError}; errors of `node:net` where it cannot listen.
 *
 * @example
 * const member = await createMember({ location: 'dc1', registryUrl: 'http://192.0.2.1:8756', host: '0.0.0.0' });
 */
export async function createMember(options: MemberOptions): Promise<Member> {
  const settings = resolveMemberOptions(options);
  const own = ownMonitor(options, settings);
  const monitor: MemberMonitor | undefined = options.monitor ?? own;
  const { allow, isLocal } = settings;
  const member = new RunningMember({
    settings,
    monitor,
    allowed: new AllowList(allow, isLocal),
    options,
  });
  const close = async (): Promise<void> => {
    await member.close();
    await own?.stop();
  };
  try {
    await own?.start();
    const { url } = await member.start();
    return { url, id: settings.instanceId, health: () => member.health(), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where all is on this host, no network is needed that could go down. */
function ownMonitor({ monitor, checkHosts }: MemberOptions, { isLocal }: MemberSettings): NetworkMonitor | undefined {
  if (monitor !== undefined || isLocal) return undefined;
  return new NetworkMonitor({ checkHosts });
}
