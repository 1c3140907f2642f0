import { loadNative } from '../../../native/index.js';
import { CarrierCounts } from '../../../src/monitor/carrier-counts.js';
import type { LinkFacts } from '../../../src/monitor/kernel-view.js';
import { readLinks } from '../../../src/monitor/sysfs-links.js';
import { systemFiles } from '../../../src/monitor/system-files.js';
import { type Link, RequestClient } from '../../../src/netlink/index.js';
import { serveActor } from '../../lab/index.js';

const counts = new CarrierCounts();

/** A process that reads the links of its host by the kernel's files. */
const actor = serveActor(() => ({
  links: (): readonly LinkFacts[] => [...readLinks(systemFiles).values()],
  /** Asks netlink for a link, as somebody would who wants to know it well enough to count by it. */
  async known(name: string): Promise<Link | undefined> {
    const native = await loadNative();
    if (!native.supported) throw new Error(native.reason);
    const client = new RequestClient(native.libc);
    try {
      return client.link({ name });
    } finally {
      client.close();
    }
  },
  isUnchanged: (link: Link): boolean => counts.isUnchanged(link),
}));

export type SysfsActor = typeof actor;
