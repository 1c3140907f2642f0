import { inspect } from 'node:util';
import { InvalidOptionError } from '../../errors/index.js';
import type { NetworkMonitorOptions } from '../../monitor/index.js';
import { writeDuration } from './duration.js';

/** The library's complaint about an option, in terms of the flag that the user has typed. */
export async function describeInvalidFlag({ option, value, allowed }: InvalidOptionError): Promise<string> {
  const name = option.slice(option.indexOf(':') + 1).trim();
  const flag = FLAGS.get(option) ?? FLAGS.get(name) ?? `--${toKebabCase(name)}`;
  if (Array.isArray(value)) return describeRepeated(name, flag, value, allowed);
  const bounds = typeof value === 'number' ? MILLISECONDS.exec(allowed) : null;
  if (bounds !== null)
    return `${flag} must be ${describeBound(Number(value), bounds)}, but is ${writeDuration(Number(value))}`;
  return `${flag} must be ${allowed.replace(/ from (\d+) to Infinity$/, ', at least $1')}, but is ${show(value)}`;
}

/** The library sees all values together; the user wants to know which one is wrong. */
async function describeRepeated(
  name: string,
  flag: string,
  values: readonly unknown[],
  allowed: string,
): Promise<string> {
  const rule = REPEATED.get(name);
  const refused = rule === undefined ? values : await only(values, async (value) => !(await rule.accepts(value)));
  if (refused.length === 0) return `${flag} is given too often: ${values.length} times`;
  return `${flag} ${rule?.complain(show(refused[0])) ?? `must be ${allowed}, but is ${show(refused[0])}`}`;
}

interface RepeatedRule {
  accepts(value: unknown): boolean | Promise<boolean>;
  /** What is said of a value, behind the flag. */
  complain(value: string): string;
}

/** What one value has to be, of the flags that may be repeated. */
const REPEATED: ReadonlyMap<string, RepeatedRule> = new Map([
  [
    'checkHosts',
    {
      accepts: (value) => isAccepted({ checkHosts: [String(value)] }),
      complain: (value) => `${value} is no address, name or http(s) URL; name ports by --check-port`,
    },
  ],
  [
    'checkPorts',
    {
      accepts: (value) => isAccepted({ checkPorts: [Number(value)] }),
      complain: (value) => `must be from 1 to 65535, but is ${value}`,
    },
  ],
  [
    'interfaces',
    {
      accepts: (value) => isAccepted({ interfaces: [String(value)] }),
      complain: (value) => `must be a name or glob, but is ${value}`,
    },
  ],
  [
    'allow',
    {
      accepts: isNetwork,
      complain: (value) => `must be an IP address or a network, such as 192.0.2.0/24, but is ${value}`,
    },
  ],
] satisfies readonly (readonly [string, RepeatedRule])[]);

/** Whether the monitor takes these options. It is loaded already, as it is where the complaint comes from. */
async function isAccepted(options: NetworkMonitorOptions): Promise<boolean> {
  const { NetworkMonitor } = await import('../../monitor/index.js');
  try {
    new NetworkMonitor(options);
    return true;
  } catch (error) {
    if (error instanceof InvalidOptionError) return false;
    throw error;
  }
}

async function isNetwork(value: unknown): Promise<boolean> {
  const { createBandwidthHandler } = await import('../../probes/index.js');
  try {
    createBandwidthHandler({ allow: [String(value)] }).close();
    return true;
  } catch (error) {
    if (error instanceof InvalidOptionError) return false;
    throw error;
  }
}

/** As the library puts a duration that is accepted. */
const MILLISECONDS = /^a number of milliseconds from (\d+) to (\d+)(, or Infinity)?$/;

function describeBound(value: number, [, least, most, orInfinity]: RegExpExecArray): string {
  if (value < Number(least)) return `at least ${writeDuration(Number(least))}`;
  // The longest timer is no round number in any unit.
  const tenths = Math.floor(Number(most) / TENTH_OF_A_DAY) * TENTH_OF_A_DAY;
  return `at most ${writeDuration(tenths)}${orInfinity === undefined ? '' : ', or never'}`;
}

const TENTH_OF_A_DAY = 8_640_000;

function show(value: unknown): string {
  return inspect(value, { depth: 1 });
}

async function only<Value>(
  values: readonly Value[],
  test: (value: Value) => Promise<boolean>,
): Promise<readonly Value[]> {
  const passed = await Promise.all(values.map(test));
  return values.filter((_, index) => passed[index]);
}

/** Where the flag is not just the option's name with hyphens. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['checkHosts', '--check-host'],
  ['checkPorts', '--check-port'],
  ['interfaces', '--interface'],
  ['destination', 'the destination'],
  ['target', 'the target'],
  ['ports', '--port'],
  ['headers', '--header'],
  ['payloadSize', '--size'],
  ['probePing: count', '--packets'],
  ['probePing: interval', '--packet-interval'],
  ['probePing: port', '--tcp-port'],
  ['probeDns: minAnswers', '--min-answers'],
  ['probeHttp: expectBody', '--expect'],
  ['probeHttp: tls', '--ca'],
  ['token', 'the token'],
  ['probeHost: interval', '--sample'],
  ['probeHost: disks', '--disk'],
  ['probeHost: interfaces', '--only'],
]);

function toKebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
