import { probeTrace } from '../../../src/probes/index.js';
import { hopsOf } from './hops.js';

// one-trace.js TARGET HOP…: a process that makes one trace, and ends with code 0 where these are the hops.
const [, , target = '', ...hops] = process.argv;
const { facts } = await probeTrace(target);
process.exitCode = hopsOf(facts).join() === hops.join() ? 0 : 1;
