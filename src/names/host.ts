import { isIP } from 'node:net';

/** Whether a text names a host: an IP address, or a name. A zone (`fe80::1%eth0`) is none of the look-up's business. */
export function isHost(value: string): boolean {
  return (isIP(value) !== 0 && !value.includes('%')) || isHostName(value);
}

/** RFC 1123 section 2.1, with the underscore that internal names use. */
function isHostName(value: string): boolean {
  return value.length <= 253 && /^(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*\.?$/.test(value);
}
