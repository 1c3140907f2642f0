import { arrayOf, checkOptions, milliseconds, nonEmptyString, type OptionRules } from '../../options/index.js';

/** Options of `probeHost`. */
export interface HostProbeOptions {
  /** Milliseconds between the two readings that utilisation and rates are computed from, at least 10. @default 1000 */
  readonly interval?: number | undefined;
  /** Milliseconds that the readings may take beside the interval: a network file system whose server is gone does not answer. @default 5000 */
  readonly timeout?: number | undefined;
  /**
   * Paths whose file systems are measured, whatever they are.
   *
   * @default the mounted file systems that are no pseudo file systems and live in no memory, each device once
   */
  readonly disks?: readonly string[] | undefined;
  /** The names of the interfaces to report. @default all */
  readonly interfaces?: readonly string[] | undefined;
}

export const DEFAULT_HOST_INTERVAL = 1000;
export const DEFAULT_HOST_TIMEOUT = 5000;

/** @throws {InvalidOptionError} */
export function checkHostOptions(options: HostProbeOptions): void {
  checkOptions('probeHost', options, RULES);
}

const RULES: OptionRules<HostProbeOptions> = {
  interval: milliseconds(10),
  timeout: milliseconds(1),
  disks: arrayOf(nonEmptyString, 'a list of paths'),
  interfaces: arrayOf(nonEmptyString, 'a list of names of interfaces'),
};
