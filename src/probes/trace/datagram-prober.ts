import type { Step, TraceAnswer } from './course-plan.js';
import type { FlowSocket, FlowSocketOptions } from './flow-socket.js';
import type { FlowSockets } from './flow-sockets.js';
import type { FlowUser } from './flow-user.js';
import type { Prober, ProberListener } from './prober.js';

export interface DatagramRequest {
  readonly ip: Uint8Array;
  readonly to: Uint8Array;
  readonly flows: number;
  readonly socket: FlowSocketOptions;
}

/** By UDP, from a port for each flow; or by ICMP, with a checksum for each flow. */
export class DatagramProber implements Prober, FlowUser {
  readonly ip: Uint8Array;
  readonly to: Uint8Array;
  readonly flowIds: readonly number[];
  readonly #pool: FlowSockets;
  readonly #listener: ProberListener;
  /** For each flow; of ICMP it is the same for all. */
  readonly #sockets: readonly FlowSocket[];
  readonly #sequences = new Map<number, { readonly socket: FlowSocket; readonly sequence: number }>();

  /** @throws {SystemCallError} see `openPacketSocket`. */
  constructor(pool: FlowSockets, { ip, to, flows, socket }: DatagramRequest, listener: ProberListener) {
    this.ip = ip;
    this.to = to;
    this.#pool = pool;
    this.#listener = listener;
    const acquired = acquireAll(pool, socket.method === 'icmp' ? 1 : flows, socket, this);
    const [first] = acquired;
    this.#sockets = Array.from({ length: flows }, (_, flow) => acquired[flow]?.socket ?? first.socket);
    this.flowIds = Array.from({ length: flows }, (_, flow) => acquired[flow]?.port ?? first.port + flow);
  }

  send({ index, flow, ttl }: Step): void {
    const socket = this.#sockets[flow];
    if (socket === undefined) return;
    this.forget(index);
    const sequence = socket.send(this, index, ttl, this.flowIds[flow] ?? 0);
    this.#sequences.set(index, { socket, sequence });
  }

  forget(index: number): void {
    const sent = this.#sequences.get(index);
    if (sent === undefined) return;
    this.#sequences.delete(index);
    sent.socket.release(sent.sequence);
  }

  close(): void {
    for (const index of [...this.#sequences.keys()]) this.forget(index);
    for (const socket of new Set(this.#sockets)) this.#pool.release(socket, this);
  }

  onAnswer(index: number, answer: TraceAnswer): void {
    this.forget(index);
    this.#listener.onAnswer(index, answer);
  }

  onUnmatched(socket: FlowSocket, isFromTarget: boolean): number | undefined {
    const index = this.#listener.onUnmatched(this.#sockets.indexOf(socket), isFromTarget);
    return index === undefined ? undefined : this.#sequences.get(index)?.sequence;
  }
}

type Acquired = ReturnType<FlowSockets['acquire']>;

/** All of them, or none. */
function acquireAll(
  pool: FlowSockets,
  count: number,
  options: FlowSocketOptions,
  user: FlowUser,
): readonly [Acquired, ...Acquired[]] {
  const first = pool.acquire(options, user);
  const acquired: [Acquired, ...Acquired[]] = [first];
  try {
    for (let flow = 1; flow < count; flow += 1) {
      acquired.push(pool.acquire({ ...options, sourcePort: options.sourcePort + flow }, user));
    }
  } catch (error) {
    for (const { socket } of acquired) pool.release(socket, user);
    throw error;
  }
  return acquired;
}
