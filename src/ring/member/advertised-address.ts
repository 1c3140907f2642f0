import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { orAborted } from '../../events/index.js';
import type { ResolveHost } from '../../probes/index.js';

/**
 * The address that the kernel would send from to a host, by its routes alone: a connected socket for datagrams sends nothing (connect(2)).
 *
 * @throws what the look-up of the name throws; what connect(2) fails with where no address can be reached; the signal's reason.
 */
export async function sourceAddressTowards(
  host: string,
  port: number,
  resolve: ResolveHost,
  signal: AbortSignal,
): Promise<string> {
  const { addresses } = isIP(host) === 0 ? await resolve(host, { family: 'any', signal }) : { addresses: [host] };
  const failures: unknown[] = [];
  for (const address of addresses.slice(0, MOST_TRIED)) {
    try {
      return await sourceTowards(address, port, signal);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0] ?? new Error(`${host} has no address`);
}

const MOST_TRIED = 8;

async function sourceTowards(address: string, port: number, signal: AbortSignal): Promise<string> {
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  try {
    const connected = once(socket, 'connect');
    socket.connect(port, address);
    await orAborted(connected, signal);
    return socket.address().address.replace(/%.*$/, '');
  } finally {
    socket.close();
  }
}
