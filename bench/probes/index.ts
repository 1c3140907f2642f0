import { createLab, labSupport } from '../../test/lab/index.js';
import { type Part, PartUnavailableError } from '../part.js';
import { measurePing } from './ping.js';
import { measureManyTargets, measureTcpRate } from './tcp.js';

/** What probes cost, beside the programs that are used for the same. */
export const probes: Part = {
  name: 'probes',
  title: 'Probes, beside fping and blackbox_exporter',
  async run(bench) {
    const support = await labSupport();
    if (!support.available) throw new PartUnavailableError(support.reason);
    await using lab = await createLab();
    const host = await lab.host('host');
    await host.sysctl('net.ipv4.ping_group_range', '0 2147483647');
    return [
      ...(await measurePing(bench, host)),
      ...(await measureTcpRate(bench, host)),
      ...(await measureManyTargets(bench, host)),
    ];
  },
};
