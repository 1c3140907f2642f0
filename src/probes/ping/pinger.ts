import type { NativeSupport } from '../../../native/index.js';
import { InvalidOptionError } from '../../errors/index.js';
import { type Endpoint, parseEndpoint } from '../../names/index.js';
import { LONGEST_TIMER } from '../../options/index.js';
import type { ProbeContext } from '../probe-context.js';
import { runProbe } from '../run-probe.js';
import { longestDiscovery } from './discover-path-mtu.js';
import { EchoEngine } from './echo-engine.js';
import { measurePing } from './measure-ping.js';
import { checkPingOptions, type PingProbeOptions, type PingSettings, withDefaults } from './ping-options.js';
import type { PingResult } from './ping-result.js';

/** What a pinger has sent, received and thrown away since it was made. */
export interface PingerCounters {
  /** Requests that were handed to the kernel. */
  readonly sent: number;
  /** Replies that were what they should be, duplicates among them. */
  readonly received: number;
  /** ICMP errors to its requests. */
  readonly errors: number;
  /** Replies that nobody waited for, or waited for no longer. */
  readonly unexpected: number;
  /** Replies with the number of a request, but from another sender, of another length or without its random bytes. */
  readonly forged: number;
}

/** Milliseconds for finding the address. */
const RESOLVE_TIME = 5_000;

/** Milliseconds by which a busy process may be late. */
const MARGIN = 5_000;

/**
 * Pings any number of hosts by few sockets: one for each address family, and for each combination of the options `ttl`, `dscp`,
 * `dontFragment`, `source`, `interface` and `mark`. They are open only while something is on its way.
 */
export class Pinger {
  readonly #engine: EchoEngine;

  /** @internal */
  constructor(load?: () => Promise<NativeSupport>) {
    this.#engine = new EchoEngine(load);
  }

  /** What has been counted up to now; it does not change any more. */
  get counters(): PingerCounters {
    return this.#engine.counters;
  }

  /** As `probePing`, by the sockets of this pinger. */
  async probe(target: string, options: PingProbeOptions = {}, context: ProbeContext = {}): Promise<PingResult> {
    checkPingOptions(options);
    const settings = withDefaults(options);
    const endpoint = endpointOf(target, settings);
    const task = { probe: 'ping', target, timeout: longestTime(settings) };
    return runProbe(task, context, (run) => measurePing(this.#engine, endpoint, settings, run, context));
  }

  /** What is on its way, and whatever is asked for later, is inconclusive with the reason `'closed'`. May be repeated. */
  close(): void {
    this.#engine.close();
  }
}

/** A pinger of its own, for whoever wants to count or to close: `probePing` has one for the whole process. */
export function createPinger(): Pinger {
  return new Pinger();
}

/** Bounds all parts together; each has a bound of its own. */
function longestTime({ count, interval, timeout, discoverPathMtu: discovers }: PingSettings): number {
  const series = (count - 1) * interval + timeout;
  return Math.min(RESOLVE_TIME + series + (discovers === true ? longestDiscovery(timeout) : 0) + MARGIN, LONGEST_TIMER);
}

/** @throws {InvalidOptionError} */
function endpointOf(target: string, settings: PingSettings): Endpoint {
  const endpoint = typeof target === 'string' ? parseEndpoint(target) : undefined;
  if (endpoint === undefined) throw new InvalidOptionError('probePing: target', target, "a host, or 'host:port'");
  const port = settings.port ?? endpoint.port;
  if (settings.fallback === 'tcp' && port === undefined) {
    throw new InvalidOptionError('probePing: port', port, 'given with fallback, here or in the target');
  }
  return { host: endpoint.host, port };
}
