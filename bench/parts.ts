import { churn } from './churn/index.js';
import { dashboard } from './dashboard/index.js';
import { detection } from './detection/index.js';
import { idle } from './idle/index.js';
import { install } from './install/index.js';
import { overhead } from './overhead/index.js';
import type { Part } from './part.js';
import { paths } from './paths/index.js';
import { probes } from './probes/index.js';
import { recovery } from './recovery/index.js';
import { ring } from './ring/index.js';
import { trace } from './trace/index.js';

/** All parts, in the order in which they are run. */
export const PARTS: readonly Part[] = [
  detection,
  recovery,
  trace,
  overhead,
  idle,
  churn,
  probes,
  paths,
  ring,
  dashboard,
  install,
];
