import { labSupport } from '../../test/lab/index.js';
import { type Part, PartUnavailableError } from '../part.js';
import { measureManyTraces } from './many-traces.js';
import { measureShapedLinks } from './shaped-links.js';
import { measureSilentTarget, measureSlowHops } from './slow-hops.js';
import { measureTraceTime } from './trace-time.js';
import { measureVeth } from './veth.js';

/** How soon a path is known and how well a link is filled, beside the programs that are used for the same. */
export const paths: Part = {
  name: 'paths',
  title: 'Paths and throughput, beside traceroute and iperf3',
  async run(bench) {
    const support = await labSupport();
    if (!support.available) throw new PartUnavailableError(support.reason);
    const rows = [
      ...(await measureTraceTime(bench)),
      ...(await measureSlowHops(bench, support)),
      ...(await measureVeth(bench)),
    ];
    // These wait most of the time, each in a lab of its own.
    const others = await Promise.all([
      measureSilentTarget(bench),
      measureManyTraces(bench),
      measureShapedLinks(bench, support),
    ]);
    return [...rows, ...others.flat()];
  },
};
