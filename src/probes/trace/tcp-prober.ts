import {
  ControlMessages,
  ERROR_ORIGIN,
  errnoName,
  FAILED,
  type HandshakeSocket,
  type Message,
  openHandshake,
  type PacketOptions,
  readTcpInfo,
  SystemCallError,
  WRITABLE,
} from '../../../native/index.js';
import { addressText, offenderText } from './address-text.js';
import type { Step, TraceAnswer } from './course-plan.js';
import { judgeIcmpError, labelsIn } from './icmp-answer.js';
import type { Prober, ProberListener } from './prober.js';
import type { TraceParts } from './trace-parts.js';

export interface HandshakeRequest {
  readonly ip: Uint8Array;
  readonly to: Uint8Array;
  readonly flows: number;
  /** The port that the first flow is sent from; undefined where each probe has one of its own. */
  readonly sourcePort: number | undefined;
  readonly packets: PacketOptions;
}

interface Handshake {
  readonly index: number;
  readonly socket: HandshakeSocket;
  /** By the clock that the kernel stamps packets with, and by one that nobody can set. */
  readonly sentAt: number;
  readonly sentAtMonotonic: number;
}

/** How many ports are tried for a flow, and the distance from one to the next. */
const TRIES = 16;
const STRIDE = 16;

const RECEIVE_BUFFER = 65_536;

/** By TCP: the first packet of a connection, which is reset as soon as it stands. */
export class TcpProber implements Prober {
  readonly flowIds: number[];
  readonly #parts: TraceParts;
  readonly #request: HandshakeRequest;
  readonly #listener: ProberListener;
  readonly #handshakes = new Map<number, Handshake>();
  readonly #control = new ControlMessages();

  constructor(parts: TraceParts, request: HandshakeRequest, listener: ProberListener) {
    this.#parts = parts;
    this.#request = request;
    this.#listener = listener;
    const { flows, sourcePort = 0 } = request;
    this.flowIds = Array.from({ length: flows }, (_, flow) => (sourcePort === 0 ? 0 : sourcePort + flow));
  }

  send({ index, flow, ttl }: Step): void {
    this.forget(index);
    const sentAt = this.#parts.clock.now();
    const sentAtMonotonic = performance.now();
    try {
      const socket = this.#open(flow, ttl);
      const handshake = { index, socket, sentAt, sentAtMonotonic };
      this.#handshakes.set(index, handshake);
      this.#parts.readiness.add(socket.fd, (events) => this.#onReady(handshake, events), WRITABLE);
    } catch (error) {
      this.forget(index);
      if (!isRefusal(error)) throw error;
      // On this host itself, the answer is there at once. But nobody expects it before this returns.
      const answer = this.#fromTarget(performance.now() - sentAtMonotonic);
      queueMicrotask(() => this.#listener.onAnswer(index, answer));
    }
  }

  forget(index: number): void {
    const handshake = this.#handshakes.get(index);
    if (handshake === undefined) return;
    this.#handshakes.delete(index);
    this.#parts.readiness.remove(handshake.socket.fd);
    handshake.socket.close();
  }

  close(): void {
    for (const index of [...this.#handshakes.keys()]) this.forget(index);
  }

  /** Where there is a connection between the same ends already, the flow moves on to another port. */
  #open(flow: number, hopLimit: number): HandshakeSocket {
    const { packets, to, sourcePort } = this.#request;
    const options = { ...packets, hopLimit, extensions: true, zeroFlowLabel: true, receiveBuffer: RECEIVE_BUFFER };
    if (sourcePort === undefined) return openHandshake(this.#parts.libc, options, to);
    for (let attempt = 1; ; attempt += 1) {
      const port = this.flowIds[flow] ?? sourcePort;
      try {
        return openHandshake(this.#parts.libc, { ...options, sourcePort: port }, to);
      } catch (error) {
        if (attempt === TRIES || !isTaken(error)) throw error;
        this.flowIds[flow] = port + STRIDE;
      }
    }
  }

  #onReady(handshake: Handshake, events: number): void {
    const { index, socket, sentAtMonotonic } = handshake;
    if (this.#handshakes.get(index) !== handshake) return;
    const elapsed = performance.now() - sentAtMonotonic;
    const answer = (events & FAILED) === 0 ? this.#connected(socket, elapsed) : this.#failed(handshake, elapsed);
    if (answer === 'nothing') return;
    this.forget(index);
    if (answer !== 'lost') this.#listener.onAnswer(index, answer);
  }

  #connected({ fd }: HandshakeSocket, elapsed: number): TraceAnswer {
    return this.#fromTarget(readTcpInfo(this.#parts.libc, fd).rtt ?? elapsed);
  }

  #failed(handshake: Handshake, elapsed: number): TraceAnswer | 'lost' | 'nothing' {
    const { batch } = this.#parts;
    const count = handshake.socket.receiveErrors(batch);
    for (const message of batch.messages.slice(0, count)) {
      this.#control.read(message.control, message.controlLength);
      const { origin, offenderLength } = this.#control;
      const isFromNetwork = origin === ERROR_ORIGIN.icmp || origin === ERROR_ORIGIN.icmp6;
      if (isFromNetwork && offenderLength !== 0) {
        return this.#fromNetwork(handshake, message, elapsed);
      }
    }
    const error = handshake.socket.error();
    if (REFUSALS.has(errnoName(error))) return this.#fromTarget(elapsed);
    return error === 0 ? 'nothing' : 'lost';
  }

  #fromNetwork({ sentAt }: Handshake, message: Message, elapsed: number): TraceAnswer {
    const { seconds, nanoseconds, type, code, extensionsAt } = this.#control;
    const { family } = this.#request.packets;
    const mpls = labelsIn(message, extensionsAt, family, 0);
    const from = offenderText(this.#control);
    const stamped = seconds < 0 ? -1 : this.#parts.clock.at(seconds, nanoseconds) - sentAt;
    // Read later than it came, never earlier: anything else means that the clock was set.
    const rtt = stamped >= 0 && stamped <= elapsed ? stamped : elapsed;
    return {
      from,
      rtt,
      ...judgeIcmpError(family, type, code, from === this.#target),
      ...(mpls.length > 0 && { mpls }),
    };
  }

  #fromTarget(rtt: number): TraceAnswer {
    return { from: this.#target, kind: 'target', rtt };
  }

  get #target(): string {
    return addressText(this.#request.ip);
  }
}

/** RFC 9293 section 3.5.2: a reset is how a closed port answers. */
const REFUSALS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET']);

function isRefusal(error: unknown): boolean {
  return error instanceof SystemCallError && error.syscall === 'connect' && REFUSALS.has(error.code);
}

function isTaken(error: unknown): boolean {
  if (!(error instanceof SystemCallError)) return false;
  return error.code === 'EADDRINUSE' || (error.syscall === 'connect' && error.code === 'EADDRNOTAVAIL');
}
