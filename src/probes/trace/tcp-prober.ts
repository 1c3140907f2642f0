import {
  ControlMessages,
  errnoName,
  FAILED,
  type HandshakeSocket,
  openHandshake,
  type PacketOptions,
  readTcpInfo,
  SystemCallError,
  WRITABLE,
} from '../../../native/index.js';
import { addressText, isFromNetwork } from '../ping/message-address.js';
import { RoundTripClock, type SendTime } from '../ping/round-trip-clock.js';
import type { Step, TraceAnswer } from './course-plan.js';
import type { PortLease, PortLeases } from './flow-ports.js';
import { readIcmpError } from './icmp-answer.js';
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

interface Handshake extends SendTime {
  readonly index: number;
  readonly socket: HandshakeSocket;
}

interface Flow {
  readonly lease: PortLease;
  /** Whether anything was sent from its port, so that it has to stay there. */
  hasSent: boolean;
}

/** How often the port of somebody else is left for another. */
const MOST_MOVES = 16;

const RECEIVE_BUFFER = 65_536;

/** By TCP: the first packet of a connection, which is reset as soon as it stands. */
export class TcpProber implements Prober {
  readonly #parts: TraceParts;
  readonly #request: HandshakeRequest;
  readonly #listener: ProberListener;
  readonly #target: string;
  /** Empty where each probe has a port of its own. */
  readonly #flows: readonly Flow[];
  readonly #handshakes = new Map<number, Handshake>();
  readonly #control = new ControlMessages();
  readonly #clock: RoundTripClock;

  /** @throws {SystemCallError} EADDRINUSE where there is no port left. */
  constructor(parts: TraceParts, leases: PortLeases, request: HandshakeRequest, listener: ProberListener) {
    this.#parts = parts;
    this.#request = request;
    this.#listener = listener;
    this.#target = addressText(request.ip);
    this.#clock = new RoundTripClock(parts.clock);
    this.#flows = leaseAll(leases, request);
  }

  get flowIds(): readonly number[] {
    return this.#request.sourcePort === undefined ? [0] : this.#flows.map(({ lease }) => lease.port);
  }

  send({ index, flow, ttl }: Step): void {
    this.forget(index);
    try {
      const handshake = this.#begin(index, this.#flows[flow], ttl);
      const { fd } = handshake.socket;
      this.#parts.readiness.add(fd, (events) => this.#onReady(handshake, events), WRITABLE);
    } catch (error) {
      const sent = this.#handshakes.get(index);
      this.forget(index);
      if (sent === undefined || !isRefusal(error)) throw error;
      // On this host itself, the answer is there at once. But nobody expects it before this returns.
      const answer = this.#fromTarget(performance.now() - sent.sentAtMonotonic);
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
    for (const { lease } of this.#flows) lease.release();
  }

  /** Where there is a connection between the same ends already, a flow that has sent nothing yet moves on to another port. */
  #begin(index: number, flow: Flow | undefined, hopLimit: number): Handshake {
    for (let moves = 0; ; moves += 1) {
      try {
        return this.#connect(index, flow, hopLimit);
      } catch (error) {
        if (flow === undefined || flow.hasSent || moves === MOST_MOVES || !isTaken(error)) throw error;
        this.forget(index);
        flow.lease.moveOn();
      }
    }
  }

  #connect(index: number, flow: Flow | undefined, hopLimit: number): Handshake {
    const sourcePort = flow?.lease.port;
    const options = { ...this.#request.packets, ...ALWAYS, hopLimit, sourcePort };
    const socket = openHandshake(this.#parts.libc, options);
    const handshake: Handshake = { index, socket, sentAt: 0, sentAtMonotonic: 0 };
    this.#handshakes.set(index, handshake);
    this.#clock.stamp(handshake);
    try {
      socket.connect(this.#request.to);
      if (flow !== undefined) flow.hasSent = true;
    } catch (error) {
      if (flow !== undefined) flow.hasSent ||= isRefusal(error);
      throw error;
    }
    return handshake;
  }

  #onReady(handshake: Handshake, events: number): void {
    const { index } = handshake;
    if (this.#handshakes.get(index) !== handshake) return;
    this.#clock.look();
    const answer = this.#answerTo(handshake, events);
    if (answer === 'nothing') return;
    this.forget(index);
    if (answer !== 'lost') this.#listener.onAnswer(index, answer);
  }

  #answerTo(handshake: Handshake, events: number): TraceAnswer | 'lost' | 'nothing' {
    const { rtt, retransmits } = readTcpInfo(this.#parts.libc, handshake.socket.fd);
    // The kernel sends again after a second (RFC 6298 section 2), and nobody knows which of the two was answered.
    if (retransmits > 0) return 'lost';
    const elapsed = performance.now() - handshake.sentAtMonotonic;
    if ((events & FAILED) === 0) return this.#fromTarget(rtt ?? elapsed);
    const { batch } = this.#parts;
    const count = handshake.socket.receiveErrors(batch);
    for (const message of batch.messages.slice(0, count)) {
      this.#control.read(message.control, message.controlLength);
      if (!isFromNetwork(this.#control)) continue;
      const { family } = this.#request.packets;
      const word = readIcmpError(message, this.#control, { family, target: this.#target, hiddenHeader: 0 });
      if (word !== undefined) return { ...word, rtt: this.#clock.roundTripTime(handshake, this.#control) };
    }
    const error = handshake.socket.error();
    if (REFUSALS.has(errnoName(error))) return this.#fromTarget(elapsed);
    return error === 0 ? 'nothing' : 'lost';
  }

  #fromTarget(rtt: number): TraceAnswer {
    return { from: this.#target, kind: 'target', rtt };
  }
}

/** All of them, or none. */
function leaseAll(leases: PortLeases, { to, flows, sourcePort }: HandshakeRequest): readonly Flow[] {
  if (sourcePort === undefined) return [];
  const leased: Flow[] = [];
  try {
    for (let flow = 0; flow < flows; flow += 1)
      leased.push({ lease: leases.lease(to, sourcePort + flow), hasSent: false });
  } catch (error) {
    for (const { lease } of leased) lease.release();
    throw error;
  }
  return leased;
}

const ALWAYS = { extensions: true, zeroFlowLabel: true, receiveBuffer: RECEIVE_BUFFER } as const;

/** RFC 9293 section 3.5.2: a reset is how a closed port answers. */
const REFUSALS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET']);

function isRefusal(error: unknown): boolean {
  return error instanceof SystemCallError && error.syscall === 'connect' && REFUSALS.has(error.code);
}

/** ip(7), tcp(7): somebody listens there, or has a connection with the same ends. */
function isTaken(error: unknown): boolean {
  if (!(error instanceof SystemCallError)) return false;
  return error.code === 'EADDRINUSE' || (error.syscall === 'connect' && error.code === 'EADDRNOTAVAIL');
}
