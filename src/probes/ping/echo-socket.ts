import { randomInt } from 'node:crypto';
import {
  ControlMessages,
  ERROR_ORIGIN,
  FAILED,
  type KernelClock,
  type Libc,
  type Message,
  type MessageBatch,
  type PacketSocket,
  READABLE,
  SystemCallError,
} from '../../../native/index.js';
import type { EchoFlight } from './echo-flight.js';
import {
  ECHO_HEADER_LENGTH,
  EchoRequestBuffer,
  findEchoReply,
  findEchoRequest,
  hasToken,
  identifierAt,
  mayQuote,
  sequenceAt,
} from './icmp-echo.js';
import { isRefusal, meaningOf, mtuOf } from './icmp-error.js';
import { isAddressOf, isFromNetwork, offenderText } from './message-address.js';
import { openIcmpSocket } from './open-icmp-socket.js';
import type { PingMethod } from './ping-result.js';
import { RoundTripClock } from './round-trip-clock.js';
import { type Outstanding, SequenceTable } from './sequence-table.js';
import type { SocketProfile } from './socket-profile.js';

/** What an {@link EchoSocket} shares with the others of its pinger. */
export interface EchoSocketParts {
  readonly libc: Libc;
  readonly batch: MessageBatch;
  readonly clock: KernelClock;
  readonly counters: EchoCounters;
}

/** What a pinger has sent, received and thrown away, since it was made. */
export interface EchoCounters {
  sent: number;
  received: number;
  /** ICMP errors that were for requests of this pinger. */
  errors: number;
  /** Replies that nobody waited for, or waited for no longer. */
  unexpected: number;
  /** Replies with the number of a request, but from another sender, of another length or without its random bytes. */
  forged: number;
}

/** More than the receive buffer holds (8 MiB as the kernel counts, 768 bytes a packet); a bound, so that a flood cannot keep us here. */
const MOST_BATCHES = 1_024;

/** One ICMP socket for any number of targets. */
export class EchoSocket {
  readonly method: Exclude<PingMethod, 'tcp'>;
  readonly fd: number;
  readonly #parts: EchoSocketParts;
  readonly #family: 4 | 6;
  readonly #socket: PacketSocket;
  readonly #identifier: number;
  readonly #table = new SequenceTable<EchoFlight>();
  readonly #control = new ControlMessages();
  readonly #clock: RoundTripClock;
  #request: EchoRequestBuffer | undefined;
  #localMtu: number | undefined;
  #isClosed = false;

  /** @throws {SystemCallError} see `openPacketSocket`. */
  constructor(parts: EchoSocketParts, profile: SocketProfile) {
    this.#parts = parts;
    this.#clock = new RoundTripClock(parts.clock);
    this.#family = profile.family;
    this.#identifier = randomInt(2 ** 16);
    const { method, socket } = openIcmpSocket(parts.libc, profile, this.#identifier);
    this.method = method;
    this.#socket = socket;
    this.fd = socket.fd;
  }

  /** Whether as many requests are on their way as can be told apart. */
  get isFull(): boolean {
    return this.#table.isFull;
  }

  /** How many packets the kernel has dropped, because nobody read them in time. */
  dropped(): number {
    return this.#socket.dropped();
  }

  /** @returns `'later'` where there is no room in the send buffer: then nothing has begun, and it is to be tried again. */
  send(flight: EchoFlight): 'done' | 'later' {
    const index = flight.series.next;
    const entry = this.#table.claim(flight, index);
    const request = this.#requestOf(flight.payloadSize);
    request.write(entry);
    this.#clock.stamp(entry);
    const error = this.#trySend(request.bytes, flight.to);
    // Packets wait in there for seconds where a neighbour does not say its hardware address (net/core/neighbour.c), and all targets share it.
    if (isSystemError(error, 'EAGAIN')) {
      this.#table.release(entry.sequence);
      return 'later';
    }
    flight.series.begin(entry.sentAtMonotonic);
    flight.sequences[index] = entry.sequence;
    if (error === undefined) this.#parts.counters.sent += 1;
    else this.#sendFailed(flight, index, error);
    return 'done';
  }

  #trySend(packet: Uint8Array, to: Uint8Array): unknown {
    try {
      this.#socket.send(packet, to);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  release(sequence: number): void {
    this.#table.release(sequence);
  }

  onReady(events: number): void {
    this.#clock.look();
    if ((events & FAILED) !== 0) this.#readErrors();
    if ((events & (READABLE | FAILED)) !== 0) this.#read((batch) => this.#socket.receive(batch), this.#onReply);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.close();
  }

  #readErrors(): void {
    this.#read((batch) => this.#socket.receiveErrors(batch), this.#onError);
  }

  #read(receive: (batch: MessageBatch) => number, handle: (message: Message) => void): void {
    const { batch } = this.#parts;
    for (let round = 0; round < MOST_BATCHES && !this.#isClosed; round += 1) {
      const count = receive(batch);
      for (let index = 0; index < count; index += 1) {
        const message = batch.messages[index];
        if (message !== undefined) handle(message);
      }
      if (count === 0) return;
    }
  }

  readonly #onReply = (message: Message): void => {
    const { bytes, length } = message;
    const at = findEchoReply(bytes, length, this.#family, this.#repliesBeginWith());
    // A raw socket hears the replies to everybody.
    if (at === -1 || (this.method === 'icmp-raw' && identifierAt(bytes, at) !== this.#identifier)) return;
    const entry = this.#table.get(sequenceAt(bytes, at));
    if (entry === undefined) {
      this.#parts.counters.unexpected += 1;
    } else if (!isAnswerTo(message, at, entry)) {
      this.#parts.counters.forged += 1;
    } else {
      this.#accept(message, entry);
    }
  };

  #accept(message: Message, entry: Outstanding<EchoFlight>): void {
    this.#control.read(message.control, message.controlLength);
    const rtt = this.#clock.roundTripTime(entry, this.#control);
    const { series } = entry.owner;
    // Read late, it came in time all the same, and the other way round.
    if (rtt > series.timeout) {
      this.#parts.counters.unexpected += 1;
      return;
    }
    this.#parts.counters.received += 1;
    series.replied(entry.index, rtt, this.#control.hopLimit);
    entry.owner.onProgress();
  }

  readonly #onError = (message: Message): void => {
    this.#control.read(message.control, message.controlLength);
    const { origin, info } = this.#control;
    if (origin === ERROR_ORIGIN.local) this.#localMtu = info;
    else if (isFromNetwork(this.#control)) this.#onIcmpError(message);
  };

  /** The kernel hands over the quoted request, beginning with its ICMP header, and to whom it was sent. */
  #onIcmpError(message: Message): void {
    const { type, code, info } = this.#control;
    if (!isRefusal(this.#family, type)) return;
    const { bytes, length } = message;
    const at = findEchoRequest(bytes, length, this.#family);
    if (at === -1 || (this.method === 'icmp-raw' && identifierAt(bytes, at) !== this.#identifier)) return;
    const entry = this.#table.get(sequenceAt(bytes, at));
    if (entry === undefined || !isQuotation(message, at, entry)) return;
    this.#parts.counters.errors += 1;
    const mtu = mtuOf(this.#family, type, code, info);
    const from = offenderText(this.#control);
    entry.owner.series.refused(entry.index, {
      ...(from !== undefined && { from }),
      type,
      code,
      meaning: meaningOf(this.#family, type, code),
      ...(mtu !== undefined && { mtu }),
    });
    entry.owner.onProgress();
  }

  #sendFailed(flight: EchoFlight, index: number, error: unknown): void {
    if (!isSystemError(error, 'EMSGSIZE')) {
      flight.series.unsent(index, error);
      return;
    }
    this.#localMtu = undefined;
    this.#readErrors();
    const mtu = this.#localMtu;
    flight.series.refused(index, { ...OWN_TOO_BIG[this.#family], ...(mtu !== undefined && { mtu }) });
  }

  #repliesBeginWith(): 'ip' | 'icmp' {
    return this.method === 'icmp-raw' && this.#family === 4 ? 'ip' : 'icmp';
  }

  #requestOf(payloadSize: number): EchoRequestBuffer {
    if (this.#request?.bytes.byteLength !== payloadSize + ECHO_HEADER_LENGTH) {
      this.#request = new EchoRequestBuffer(this.#family, payloadSize, this.#identifier);
    }
    return this.#request;
  }
}

/** As a router would have said it. */
const OWN_TOO_BIG = {
  4: { type: 3, code: 4, meaning: 'too-big' },
  6: { type: 2, code: 0, meaning: 'too-big' },
} as const;

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof SystemCallError && error.code === code;
}

/** From whom it was asked, as long as the request was, and with its random bytes. */
function isAnswerTo(message: Message, at: number, entry: Outstanding<EchoFlight>): boolean {
  const { bytes, length } = message;
  const expected = Math.min(at + ECHO_HEADER_LENGTH + entry.owner.payloadSize, bytes.byteLength);
  return length === expected && isAddressOf(message, entry.owner.ip) && hasToken(bytes, at, length, entry);
}

function isQuotation(message: Message, at: number, entry: Outstanding<EchoFlight>): boolean {
  const end = Math.min(message.length, at + ECHO_HEADER_LENGTH + entry.owner.payloadSize);
  return isAddressOf(message, entry.owner.ip) && mayQuote(message.bytes, at, end, entry);
}
