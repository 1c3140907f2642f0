import type { NetworkMonitor } from '../monitor/index.js';
import { arrayOf, type OptionRules, objectWith, wholeNumberFrom } from '../options/index.js';
import type { Retryer } from '../retry/index.js';
import { measureCalls } from './measure-calls.js';
import { measureNetwork } from './measure-network.js';
import type { Instruments } from './metric.js';
import { callsOf, everyCall } from './retry-events.js';

/** What is to be measured. */
export interface MeasureOptions {
  /**
   * The monitor whose state, outages and checks are measured.
   *
   * @default none: only calls are measured
   */
  readonly monitor?: NetworkMonitor | undefined;
  /**
   * The retryers whose calls are measured; an empty list for none.
   *
   * @default every call of this thread, `retry()` and `makeRetriable()` included
   */
  readonly retryers?: readonly Retryer[] | undefined;
  /**
   * How many names of operations get series of their own, by the label `operation`; the names that come after those are `other`. Name an
   * operation by what it does, not by what it does it to.
   *
   * @default 0, which is no such label
   */
  readonly operationLabels?: number | undefined;
}

export const MEASURE_RULES: OptionRules<MeasureOptions> = {
  monitor: objectWith('a NetworkMonitor', (value) => hasMethods(value, ['on', 'off', 'onChange', 'snapshot'])),
  retryers: arrayOf(
    objectWith('', (value) => hasMethods(value, ['on', 'off', 'run'])),
    'an array of retryers',
  ),
  operationLabels: wholeNumberFrom(0, 1_000),
};

/** Measures what the options name until the returned function is called. */
export function measure(options: MeasureOptions, instruments: Instruments): () => void {
  const { monitor, retryers, operationLabels = 0 } = options;
  const network = monitor && measureNetwork(monitor, instruments);
  const stopCalls = measureCalls(retryers === undefined ? everyCall : callsOf(retryers), instruments, {
    operationLabels,
    outages: network?.outages,
  });
  return () => {
    network?.detach();
    stopCalls();
  };
}

export function hasMethods(value: object, names: readonly string[]): boolean {
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}
