import { isIP } from 'node:net';
import { InvalidOptionError } from '../errors/index.js';
import { checkOptions, nonEmptyString, type OptionRules } from '../options/index.js';
import { isHost } from './monitor-options.js';

/** How work reaches a destination. */
export interface TargetOptions {
  /**
   * The proxy, bastion or tunnel end that the work really connects to, as `'host:port'`: the path is judged to that one.
   *
   * @default the destination itself
   */
  readonly via?: string;
}

const RULES: OptionRules<TargetOptions> = { via: nonEmptyString };

/**
 * The host whose path decides over work to a destination.
 *
 * @param destination `'host'`, `'host:port'`, `'[2001:db8::1]:443'`, or a URL.
 * @throws {InvalidOptionError}
 */
export function destinationHost(destination: string, options: TargetOptions = {}): string {
  checkOptions('target', options, RULES);
  const [option, value] = options.via === undefined ? ['destination', destination] : ['via', options.via];
  const host = typeof value === 'string' ? hostOf(value) : undefined;
  if (host === undefined) {
    throw new InvalidOptionError(`target: ${option}`, value, "a host, 'host:port', '[address]:port' or URL");
  }
  return host;
}

function hostOf(text: string): string | undefined {
  if (isIP(text) !== 0) return isHost(text) ? text : undefined;
  if (text.includes('://')) return hostOfUrl(text);
  const match = /^(?:\[([^\]]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/.exec(text);
  const [, bracketed, bare, port] = match ?? [];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 && isHost(bracketed) ? bracketed : undefined;
  return bare !== undefined && isHost(bare) ? bare : undefined;
}

function hostOfUrl(text: string): string | undefined {
  const hostname = URL.canParse(text) ? new URL(text).hostname : '';
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isHost(host) ? host : undefined;
}
