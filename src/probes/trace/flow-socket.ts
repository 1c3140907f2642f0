import {
  ADDRESS_OFFSET,
  ControlMessages,
  ERROR_ORIGIN,
  FAILED,
  type Message,
  type MessageBatch,
  openPacketSocket,
  type PacketOptions,
  type PacketSocket,
  READABLE,
  SystemCallError,
} from '../../../native/index.js';
import { findEchoReply, findEchoRequest, hasToken, identifierAt, sequenceAt } from '../ping/icmp-echo.js';
import { identifierFilter } from '../ping/identifier-filter.js';
import { type Outstanding, SequenceTable } from '../ping/sequence-table.js';
import { addressText, offenderText } from './address-text.js';
import type { TraceAnswer } from './course-plan.js';
import { judgeIcmpError, labelsIn } from './icmp-answer.js';
import { ParisEcho } from './paris-echo.js';
import type { TraceParts } from './trace-parts.js';
import { isUdpProbe, sequenceOfUdpProbe, UdpProbe } from './udp-probe.js';

/** Who sends probes by a {@link FlowSocket}. */
export interface FlowUser {
  /** The target: 4 or 16 bytes. */
  readonly ip: Uint8Array;
  /** The same with the port, as a socket address. */
  readonly to: Uint8Array;
  onAnswer(index: number, answer: TraceAnswer): void;
  /** What does not say which probe it is for. @returns the sequence number of the one that it can only be for, if there is one. */
  onUnmatched(socket: FlowSocket, isFromTarget: boolean): number | undefined;
}

export interface FlowSocketOptions extends PacketOptions {
  readonly method: 'udp' | 'icmp';
  readonly sourcePort: number;
}

/** A bound, so that a flood cannot keep us here. */
const MOST_BATCHES = 64;

/** Of ICMP, the data behind the header: together as long as a UDP probe. */
const ECHO_PAYLOAD = 32;

/** By how many milliseconds the kernel's clock may run apart from the monotonic one before it counts as having been set. */
const MOST_DRIFT = 1;

/** Sends UDP datagrams or echo requests from one port, or with one identifier, to any number of targets; and knows what comes back. */
export class FlowSocket {
  readonly fd: number;
  readonly #options: FlowSocketOptions;
  readonly #parts: TraceParts;
  readonly #socket: PacketSocket;
  readonly #isRaw: boolean;
  readonly #users = new Set<FlowUser>();
  readonly #table = new SequenceTable<FlowUser>();
  readonly #control = new ControlMessages();
  readonly #echo: ParisEcho;
  readonly #udp = new UdpProbe();
  #hopLimit = -1;
  #now = 0;
  #clockOffset = 0;
  #isClosed = false;

  /** @throws {SystemCallError} see `openPacketSocket`; EADDRINUSE where somebody else has the port. */
  constructor(parts: TraceParts, options: FlowSocketOptions) {
    this.#parts = parts;
    this.#options = options;
    const { socket, isRaw } = open(parts, options);
    this.#socket = socket;
    this.#isRaw = isRaw;
    this.fd = socket.fd;
    this.#echo = new ParisEcho(options.family, ECHO_PAYLOAD, options.sourcePort);
  }

  get isUnused(): boolean {
    return this.#users.size === 0;
  }

  /** Whether somebody traces the way to this target already: errors need not say which of the two they are for. */
  isTaken(target: Uint8Array): boolean {
    return [...this.#users].some(({ ip }) => Buffer.compare(ip, target) === 0);
  }

  join(user: FlowUser): void {
    this.#users.add(user);
  }

  leave(user: FlowUser): void {
    this.#users.delete(user);
  }

  /**
   * @param checksum of ICMP.
   * @returns the sequence number of the probe, to be released.
   * @throws {SystemCallError}
   */
  send(user: FlowUser, index: number, hopLimit: number, checksum: number): number {
    // On a short way, the answer to the probe before is there already.
    this.#socket.clearError();
    if (hopLimit !== this.#hopLimit) this.#socket.setHopLimit(hopLimit);
    this.#hopLimit = hopLimit;
    const entry = this.#table.claim(user, index);
    try {
      if (this.#options.method === 'icmp') this.#echo.write(entry, checksum);
      else this.#udp.write(entry);
      entry.sentAtMonotonic = performance.now();
      entry.sentAt = this.#parts.clock.now();
      this.#socket.send(this.#options.method === 'icmp' ? this.#echo.bytes : this.#udp.bytes, user.to);
    } catch (error) {
      this.#table.release(entry.sequence);
      throw error;
    }
    return entry.sequence;
  }

  release(sequence: number): void {
    this.#table.release(sequence);
  }

  onReady(events: number): void {
    this.#now = performance.now();
    this.#clockOffset = this.#parts.clock.now() - this.#now;
    if ((events & FAILED) !== 0) this.#read((batch) => this.#socket.receiveErrors(batch), this.#onError);
    if ((events & (READABLE | FAILED)) !== 0) this.#read((batch) => this.#socket.receive(batch), this.#onReply);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.close();
  }

  #read(receive: (batch: MessageBatch) => number, handle: (message: Message) => void): void {
    const { batch } = this.#parts;
    for (let round = 0; round < MOST_BATCHES && !this.#isClosed; round += 1) {
      const count = receive(batch);
      for (let index = 0; index < count && !this.#isClosed; index += 1) {
        const message = batch.messages[index];
        if (message === undefined) continue;
        this.#control.read(message.control, message.controlLength);
        handle(message);
      }
      if (count < batch.messages.length) return;
    }
  }

  readonly #onReply = (message: Message): void => {
    const entry = this.#options.method === 'icmp' ? this.#findEcho(message, 'reply') : this.#findUdp(message);
    if (entry !== undefined) {
      const from = addressText(entry.owner.ip);
      entry.owner.onAnswer(entry.index, { from, kind: 'target', rtt: this.#roundTripTime(entry) });
    } else if (this.#options.method === 'udp') {
      // Whoever listens there answers with what he likes.
      this.#onUnnamed(message, (user) => ({ from: addressText(user.ip), kind: 'target' }), 'target');
    }
  };

  readonly #onError = (message: Message): void => {
    const { origin, offenderLength } = this.#control;
    const isFromNetwork = origin === ERROR_ORIGIN.icmp || origin === ERROR_ORIGIN.icmp6;
    if (!isFromNetwork || offenderLength === 0) return;
    const isEcho = this.#options.method === 'icmp';
    const entry = isEcho ? this.#findEcho(message, 'request') : this.#findUdp(message);
    if (entry !== undefined) {
      const answer = { ...this.#whatIsSaid(entry.owner, message), rtt: this.#roundTripTime(entry) };
      entry.owner.onAnswer(entry.index, answer);
    } else if (!isEcho && sequenceOfUdpProbe(message.bytes, message.length) === undefined) {
      this.#onUnnamed(message, (user) => this.#whatIsSaid(user, message), 'anybody');
    }
  };

  #whatIsSaid(user: FlowUser, message: Message): Omit<TraceAnswer, 'rtt'> {
    const { family, method } = this.#options;
    const { type, code } = this.#control;
    const from = offenderText(this.#control);
    const mpls = labelsIn(message, this.#control.extensionsAt, family, method === 'udp' ? 8 : 0);
    return {
      from,
      ...judgeIcmpError(family, type, code, from === addressText(user.ip)),
      ...(mpls.length > 0 && { mpls }),
    };
  }

  #onUnnamed(
    message: Message,
    answerOf: (user: FlowUser) => Omit<TraceAnswer, 'rtt'>,
    whose: 'target' | 'anybody',
  ): void {
    for (const user of this.#users) {
      if (!this.#isAddress(message, user)) continue;
      const answer = answerOf(user);
      const sequence = user.onUnmatched(this, whose === 'target' || answer.from === addressText(user.ip));
      const entry = sequence === undefined ? undefined : this.#table.get(sequence);
      if (entry !== undefined) user.onAnswer(entry.index, { ...answer, rtt: this.#roundTripTime(entry) });
      return;
    }
  }

  #findEcho(message: Message, which: 'request' | 'reply'): Outstanding<FlowUser> | undefined {
    const { bytes, length } = message;
    const { family, sourcePort } = this.#options;
    const from = this.#isRaw && family === 4 ? 'ip' : 'icmp';
    const at = which === 'reply' ? findEchoReply(bytes, length, family, from) : findEchoRequest(bytes, length, family);
    // A raw socket hears what is for others.
    if (at === -1 || (this.#isRaw && identifierAt(bytes, at) !== sourcePort)) return undefined;
    const entry = this.#table.get(sequenceAt(bytes, at));
    if (entry === undefined || !this.#isAddress(message, entry.owner)) return undefined;
    return hasToken(bytes, at, length, entry) ? entry : undefined;
  }

  #findUdp(message: Message): Outstanding<FlowUser> | undefined {
    const sequence = sequenceOfUdpProbe(message.bytes, message.length);
    const entry = sequence === undefined ? undefined : this.#table.get(sequence);
    if (entry === undefined || !this.#isAddress(message, entry.owner)) return undefined;
    return isUdpProbe(message.bytes, entry) ? entry : undefined;
  }

  /** Of a reply, who sent it; of an error, whom the probe was sent to. */
  #isAddress({ address }: Message, { ip }: FlowUser): boolean {
    const offset = ADDRESS_OFFSET[this.#options.family];
    for (let index = 0; index < ip.byteLength; index += 1) {
      if (address[offset + index] !== ip[index]) return false;
    }
    return true;
  }

  #roundTripTime({ sentAt, sentAtMonotonic }: Outstanding<FlowUser>): number {
    const { seconds, nanoseconds } = this.#control;
    const rtt = seconds < 0 ? -1 : this.#parts.clock.at(seconds, nanoseconds) - sentAt;
    const wasSet = Math.abs(sentAt - sentAtMonotonic - this.#clockOffset) > MOST_DRIFT;
    return rtt < 0 || wasSet ? this.#now - sentAtMonotonic : rtt;
  }
}

function open(
  { libc }: TraceParts,
  { method, ...options }: FlowSocketOptions,
): { readonly socket: PacketSocket; readonly isRaw: boolean } {
  const wanted = { ...options, protocol: method, extensions: true, zeroFlowLabel: true, receiveBuffer: RECEIVE_BUFFER };
  try {
    return { socket: openPacketSocket(libc, { ...wanted, type: 'datagram' }), isRaw: false };
  } catch (error) {
    const isRefused = method === 'icmp' && error instanceof SystemCallError && error.syscall === 'socket';
    if (!isRefused) throw error;
  }
  const filter = identifierFilter(options.family, options.sourcePort);
  const raw = { ...wanted, type: 'raw' as const, sourcePort: undefined };
  return { socket: openPacketSocket(libc, raw, filter), isRaw: true };
}

/** Bytes. An answer takes about one kilobyte of it. */
const RECEIVE_BUFFER = 1_048_576;
