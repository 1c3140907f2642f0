import { SystemCallError } from '../../../native/index.js';
import { FlowSocket, type FlowSocketOptions, type FlowUser } from './flow-socket.js';
import type { TraceParts } from './trace-parts.js';

/** How many ports are tried for a flow. */
const TRIES = 16;
/** From one to the next: as many as there may be flows. */
const STRIDE = 16;

/** The sockets of all traces that are on their way: one for each flow, and for each combination of what packets are sent with. */
export class FlowSockets {
  readonly #parts: TraceParts;
  readonly #sockets = new Map<string, FlowSocket>();
  readonly #ports = new Map<FlowSocket, { readonly key: string; readonly port: number }>();

  constructor(parts: TraceParts) {
    this.#parts = parts;
  }

  /**
   * Joins the socket with that port; or, where somebody else has it, or this target is already traced by it, one with a port further on.
   *
   * @throws {SystemCallError} EADDRINUSE where all of them are in use.
   */
  acquire(options: FlowSocketOptions, user: FlowUser): { readonly socket: FlowSocket; readonly port: number } {
    for (let attempt = 0; ; attempt += 1) {
      const port = options.sourcePort + attempt * STRIDE;
      try {
        const socket = this.#at({ ...options, sourcePort: port });
        if (!socket.isTaken(user.ip)) {
          socket.join(user);
          return { socket, port };
        }
      } catch (error) {
        if (attempt === TRIES - 1 || !isInUse(error)) throw error;
      }
      if (attempt === TRIES - 1) throw new SystemCallError('bind', EADDRINUSE);
    }
  }

  release(socket: FlowSocket, user: FlowUser): void {
    socket.leave(user);
    const place = this.#ports.get(socket);
    if (!socket.isUnused || place === undefined) return;
    this.#ports.delete(socket);
    this.#sockets.delete(place.key);
    this.#parts.readiness.remove(socket.fd);
    socket.close();
  }

  #at(options: FlowSocketOptions): FlowSocket {
    const key = keyOf(options);
    const known = this.#sockets.get(key);
    if (known !== undefined) return known;
    const socket = new FlowSocket(this.#parts, options);
    try {
      this.#parts.readiness.add(socket.fd, (events) => socket.onReady(events));
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#sockets.set(key, socket);
    this.#ports.set(socket, { key, port: options.sourcePort });
    return socket;
  }
}

function keyOf({ method, family, sourcePort, source, dscp, mark, interface: device }: FlowSocketOptions): string {
  return `${method} ${family} ${sourcePort} ${source} ${dscp} ${mark} ${device}`;
}

function isInUse(error: unknown): boolean {
  return error instanceof SystemCallError && error.code === 'EADDRINUSE';
}

/** include/uapi/asm-generic/errno.h */
const EADDRINUSE = 98;
