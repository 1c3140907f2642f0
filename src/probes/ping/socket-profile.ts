import type { PacketSocketOptions } from '../../../native/index.js';
import { parseIp } from '../../netlink/index.js';
import type { PingSettings } from './ping-options.js';

/** What a socket sets for all of its packets: probes that want the same share one. */
export type SocketProfile = Omit<PacketSocketOptions, 'type' | 'protocol'>;

export function profileOf(family: 4 | 6, settings: PingSettings): SocketProfile {
  const { ttl, dscp, dontFragment, source, interface: device, mark } = settings;
  return {
    family,
    hopLimit: ttl,
    dscp,
    dontFragment,
    source: source === undefined ? undefined : parseIp(source)?.bytes,
    interface: device,
    mark,
  };
}

export function keyOf(profile: SocketProfile): string {
  const { family, hopLimit, dscp, dontFragment, source, interface: device, mark } = profile;
  return `${family} ${hopLimit} ${dscp} ${dontFragment === true} ${source} ${mark} ${device}`;
}
