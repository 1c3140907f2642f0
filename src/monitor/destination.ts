import { isIP } from 'node:net';
import { InvalidOptionError } from '../errors/index.js';
import { type Endpoint, isHost, parseEndpoint } from '../names/index.js';
import { boolean, checkOptions, nonEmptyString, type OptionRules, wholeNumberFrom } from '../options/index.js';

/** How work reaches a destination. */
export interface TargetOptions {
  /**
   * The proxy, bastion or tunnel end that the work really connects to, as `'host:port'`: the path is judged to that one.
   *
   * @default the destination itself
   */
  readonly via?: string | undefined;
  /** The address that the work's sockets are bound to, where they are: `ip rule … from` may send them another way. */
  readonly source?: string | undefined;
  /** The mark of the work's sockets (SO_MARK), where they have one: `ip rule … fwmark` may send them another way. */
  readonly mark?: number | undefined;
  /** The interface that the work's sockets are bound to, where they are: the path has to lead over it. */
  readonly interface?: string | undefined;
  /**
   * Whether the destination itself is asked, by a TCP handshake that is closed at once, before the silence of all check hosts counts as an
   * outage for it. It is not asked while check hosts answer and no work fails; nor where no port is known, a URL is among the check hosts,
   * or `mark` or `interface` is given.
   *
   * @default true
   */
  readonly askDestination?: boolean | undefined;
}

const RULES: OptionRules<TargetOptions> = {
  via: nonEmptyString,
  source: {
    allowed: 'an IP address without zone',
    accepts: (value) => typeof value === 'string' && isIP(value) !== 0 && isHost(value),
  },
  mark: wholeNumberFrom(0, 2 ** 32 - 1),
  interface: nonEmptyString,
  askDestination: boolean,
};

/**
 * The endpoint whose path decides over work to a destination.
 *
 * @param destination `'host'`, `'host:port'`, `'[2001:db8::1]:443'`, or a URL.
 * @throws {InvalidOptionError}
 */
export function resolveDestination(destination: string, options: TargetOptions = {}): Endpoint {
  checkOptions('target', options, RULES);
  const [option, value] = options.via === undefined ? ['destination', destination] : ['via', options.via];
  const endpoint = typeof value === 'string' ? parseEndpoint(value) : undefined;
  if (endpoint === undefined) {
    throw new InvalidOptionError(`target: ${option}`, value, "a host, 'host:port', '[address]:port' or URL");
  }
  return endpoint;
}
