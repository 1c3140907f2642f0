import { SystemCallError } from '../../../native/index.js';
import { noPort, portsFrom } from './flow-ports.js';
import { FlowSocket, type FlowSocketOptions } from './flow-socket.js';
import type { FlowUser } from './flow-user.js';
import type { TraceParts } from './trace-parts.js';

/** The sockets of all traces that are on their way: one for each flow, and for each combination of what packets are sent with. */
export class FlowSockets {
  readonly #parts: TraceParts;
  readonly #sockets = new Map<string, FlowSocket>();
  readonly #keys = new Map<FlowSocket, string>();

  constructor(parts: TraceParts) {
    this.#parts = parts;
  }

  /**
   * Joins the socket with that port; or, where somebody else has it, or this target is already traced by it, one with a port further on.
   *
   * @throws {SystemCallError} EADDRINUSE where all of them are in use.
   */
  acquire(options: FlowSocketOptions, user: FlowUser): { readonly socket: FlowSocket; readonly port: number } {
    for (const port of portsFrom(options.sourcePort)) {
      const socket = this.#at({ ...options, sourcePort: port });
      if (socket === undefined || socket.isTaken(user.ip)) continue;
      socket.join(user);
      return { socket, port };
    }
    throw noPort();
  }

  release(socket: FlowSocket, user: FlowUser): void {
    socket.leave(user);
    const key = this.#keys.get(socket);
    if (!socket.isUnused || key === undefined) return;
    this.#keys.delete(socket);
    this.#sockets.delete(key);
    this.#parts.readiness.remove(socket.fd);
    socket.close();
  }

  /** @returns undefined where somebody else has the port. */
  #at(options: FlowSocketOptions): FlowSocket | undefined {
    const key = keyOf(options);
    const known = this.#sockets.get(key);
    if (known !== undefined) return known;
    const socket = openUnlessInUse(this.#parts, options);
    if (socket === undefined) return undefined;
    try {
      this.#parts.readiness.add(socket.fd, (events) => socket.onReady(events));
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#sockets.set(key, socket);
    this.#keys.set(socket, key);
    return socket;
  }
}

function openUnlessInUse(parts: TraceParts, options: FlowSocketOptions): FlowSocket | undefined {
  try {
    return new FlowSocket(parts, options);
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

function keyOf({ method, family, sourcePort, source, dscp, mark, interface: device }: FlowSocketOptions): string {
  return `${method} ${family} ${sourcePort} ${source} ${dscp} ${mark} ${device}`;
}
