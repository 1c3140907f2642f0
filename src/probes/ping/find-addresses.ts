import { isIP } from 'node:net';
import { toError } from '../../errors/index.js';
import { orAborted } from '../../events/index.js';
import { type Ip, parseIp } from '../../netlink/index.js';
import { failedBy, failureOf, inconclusive } from '../failure.js';
import type { ProbeContext } from '../probe-context.js';
import { type AddressFamily, resolveHost } from '../resolve-host.js';
import type { ProbeFailure } from '../result.js';
import type { ProbeRun } from '../run-probe.js';
import { isLinkLocal, isOfOneHost } from './ip-kind.js';

/** The first address of each family: whether this host can reach that family at all, shows with the first packet. Never rejects. */
export async function findAddresses(
  host: string,
  family: AddressFamily,
  { signal }: Pick<ProbeRun, 'signal'>,
  { resolve = resolveHost }: ProbeContext,
): Promise<{ readonly addresses: readonly string[] } | ProbeFailure> {
  try {
    const { addresses } = await orAborted(resolve(host, { family, signal }), signal);
    const usable = addresses.filter((address) => family === 'any' || isIP(address) === family);
    const firsts = usable.filter(
      (address, index) => usable.findIndex((each) => isIP(each) === isIP(address)) === index,
    );
    if (firsts.length > 0) return { addresses: firsts };
    return inconclusive('no-address', `${host} has no address${family === 'any' ? '' : ` of IPv${family}`}`);
  } catch (error) {
    if (signal.aborted) return failedBy('resolver', 'resolver-timeout', `no address of ${host} was found in time`);
    return failureOf(error) ?? failedBy('resolver', 'resolver-failed', toError(error).message);
  }
}

/** The bytes of an address, where packets can be sent there and one host answers. @param device the interface that was named to send by. */
export function ipToAsk(address: string, device: string | undefined): Ip | ProbeFailure {
  const ip = parseIp(address);
  if (ip === undefined || !isOfOneHost(ip)) {
    return inconclusive('no-address', `${address} is no address of one host`);
  }
  if (isLinkLocal(ip) && device === undefined) {
    return inconclusive('no-interface', `${address} is of one link alone: name it by the option interface`);
  }
  return ip;
}
