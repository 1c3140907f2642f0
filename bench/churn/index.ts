import { labSupport } from '../../test/lab/index.js';
import { type Part, PartUnavailableError } from '../part.js';
import { measureDecoding } from './decoding.js';
import { measureDumps } from './dumps.js';
import { measureRoutes } from './routes.js';

/** What it costs where links and routes change all the time. */
export const churn: Part = {
  name: 'churn',
  title: 'Many messages, many routes, many interfaces',
  async run(bench) {
    const support = await labSupport();
    if (!support.available) throw new PartUnavailableError(support.reason);
    return [...(await measureDecoding(bench)), ...(await measureRoutes(bench)), ...(await measureDumps(bench))];
  },
};
