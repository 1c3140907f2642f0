import {
  ControlMessages,
  FAILED,
  type Message,
  type MessageBatch,
  openPacketSocket,
  type PacketOptions,
  type PacketSocket,
  READABLE,
} from '../../../native/index.js';
import { addressText, isAddressOf, isFromNetwork } from '../ping/message-address.js';
import { openIcmpSocket } from '../ping/open-icmp-socket.js';
import { RoundTripClock } from '../ping/round-trip-clock.js';
import { type Outstanding, SequenceTable } from '../ping/sequence-table.js';
import type { TraceAnswer } from './course-plan.js';
import { EchoFormat } from './echo-format.js';
import type { FlowUser } from './flow-user.js';
import { readIcmpError } from './icmp-answer.js';
import type { ProbeFormat } from './probe-format.js';
import type { TraceParts } from './trace-parts.js';
import { UdpFormat } from './udp-format.js';

export interface FlowSocketOptions extends PacketOptions {
  readonly method: 'udp' | 'icmp';
  readonly sourcePort: number;
}

/** What came, but for how long it took. */
type Word = Omit<TraceAnswer, 'rtt'>;

/** A bound, so that a flood cannot keep us here. */
const MOST_BATCHES = 64;

/** Sends probes from one port, or with one identifier, to any number of targets; and knows what comes back. */
export class FlowSocket {
  readonly fd: number;
  readonly #options: FlowSocketOptions;
  readonly #parts: TraceParts;
  readonly #socket: PacketSocket;
  readonly #format: ProbeFormat;
  readonly #clock: RoundTripClock;
  readonly #users = new Set<FlowUser>();
  readonly #table = new SequenceTable<FlowUser>();
  readonly #control = new ControlMessages();
  #hopLimit = -1;
  #isClosed = false;

  /** @throws {SystemCallError} see `openPacketSocket`; EADDRINUSE where somebody else has the port. */
  constructor(parts: TraceParts, options: FlowSocketOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#clock = new RoundTripClock(parts.clock);
    const { socket, format } = open(parts, options);
    this.#socket = socket;
    this.#format = format;
    this.fd = socket.fd;
  }

  get isUnused(): boolean {
    return this.#users.size === 0;
  }

  /** Whether somebody traces the way to this target already, and errors need not say which of the two they are for. */
  isTaken(target: Uint8Array): boolean {
    if (this.#options.method === 'icmp') return false;
    return [...this.#users].some(({ ip }) => Buffer.compare(ip, target) === 0);
  }

  join(user: FlowUser): void {
    this.#users.add(user);
  }

  leave(user: FlowUser): void {
    this.#users.delete(user);
  }

  /**
   * @returns the sequence number of the probe, to be released.
   * @throws {SystemCallError}
   */
  send(user: FlowUser, index: number, hopLimit: number, flowId: number): number {
    // On a short way, the answer to the probe before is there already.
    this.#socket.clearError();
    if (hopLimit !== this.#hopLimit) this.#socket.setHopLimit(hopLimit);
    this.#hopLimit = hopLimit;
    const entry = this.#table.claim(user, index);
    try {
      this.#format.write(entry, flowId);
      this.#clock.stamp(entry);
      this.#socket.send(this.#format.bytes, user.to);
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
    this.#clock.look();
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
    const meant = this.#format.inReply(message, this.#table);
    const wordOf = ({ ip }: FlowUser): Word => ({ from: addressText(ip), kind: 'target' });
    if (meant === 'unnamed') this.#onUnnamed(message, wordOf);
    else if (meant !== 'foreign') this.#onNamed(message, meant, wordOf);
  };

  readonly #onError = (message: Message): void => {
    if (!isFromNetwork(this.#control)) return;
    const meant = this.#format.inError(message, this.#table);
    const { family } = this.#options;
    const wordOf = ({ ip }: FlowUser): Word | undefined =>
      readIcmpError(message, this.#control, {
        family,
        target: addressText(ip),
        hiddenHeader: this.#format.hiddenHeader,
      });
    if (meant === 'unnamed') this.#onUnnamed(message, wordOf);
    else if (meant !== 'foreign') this.#onNamed(message, meant, wordOf);
  };

  #onNamed(message: Message, entry: Outstanding<FlowUser>, wordOf: (user: FlowUser) => Word | undefined): void {
    const { owner, index } = entry;
    const word = isAddressOf(message, owner.ip) ? wordOf(owner) : undefined;
    if (word !== undefined) owner.onAnswer(index, { ...word, rtt: this.#clock.roundTripTime(entry, this.#control) });
  }

  #onUnnamed(message: Message, wordOf: (user: FlowUser) => Word | undefined): void {
    for (const user of this.#users) {
      if (!isAddressOf(message, user.ip)) continue;
      const word = wordOf(user);
      if (word === undefined) return;
      const sequence = user.onUnmatched(this, word.from === addressText(user.ip));
      const entry = sequence === undefined ? undefined : this.#table.get(sequence);
      if (entry !== undefined) this.#onNamed(message, entry, () => word);
      return;
    }
  }
}

function open({ libc }: TraceParts, { method, ...options }: FlowSocketOptions): Opened {
  const wanted = { ...options, extensions: true, zeroFlowLabel: true, receiveBuffer: RECEIVE_BUFFER };
  const { family, sourcePort } = options;
  if (method === 'udp') {
    return {
      socket: openPacketSocket(libc, { ...wanted, type: 'datagram', protocol: 'udp' }),
      format: new UdpFormat(),
    };
  }
  const opened = openIcmpSocket(libc, wanted, sourcePort);
  return { socket: opened.socket, format: new EchoFormat(family, opened.method, sourcePort) };
}

interface Opened {
  readonly socket: PacketSocket;
  readonly format: ProbeFormat;
}

/** Bytes. An answer takes about one kilobyte of it. */
const RECEIVE_BUFFER = 1_048_576;
