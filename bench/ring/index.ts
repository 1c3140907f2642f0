import { createLab, labSupport } from '../../test/lab/index.js';
import { type Part, PartUnavailableError } from '../part.js';
import { measurePlans } from './plan-cost.js';
import { measureRegistry } from './registry-load.js';

/** What a registry takes for a thousand members, and what members cost by a ring plan and in a mesh. */
export const ring: Part = {
  name: 'ring',
  title: 'A registry with many members, and a ring plan beside a mesh',
  async run(bench) {
    const support = await labSupport();
    if (!support.available) throw new PartUnavailableError(support.reason);
    await using lab = await createLab();
    const host = await lab.host('host');
    await host.sysctl('net.ipv4.ping_group_range', '0 2147483647');
    return [...(await measureRegistry(bench, host)), ...(await measurePlans(bench, host))];
  },
  shown: ({ name }) => /processor time|most memory|99th of 100|page of metrics/.test(name),
};
