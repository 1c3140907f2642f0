import { adoptDescriptor } from './adopt-descriptor.js';
import type { Libc } from './libc.js';
import { closeOnThrow } from './netlink-fd.js';

/**
 * Says which of several descriptors can be read, from the event loop: without a thread, and without libuv reading them itself. So whoever is
 * told reads as it likes, with control messages and from the error queue.
 */
export interface Readiness {
  /**
   * Calls back whenever the descriptor is readable, or has an error pending, for as long as it is: see {@link READABLE}, {@link FAILED}.
   *
   * @param events what is waited for beside errors. @default READABLE
   */
  add(fd: number, onReady: (events: number) => void, events?: number): void;
  /** To be called before the descriptor is closed. One that is not there is ignored. */
  remove(fd: number): void;
  /** Looks now, within this call, instead of when the event loop next turns. */
  dispatch(): void;
  /** Keeps the process alive, or no longer. It does not at first. */
  keepAlive(wanted: 'yes' | 'no'): void;
  /** Nothing is called afterwards. May be repeated. */
  close(): void;
}

// include/uapi/linux/eventpoll.h
/** There is something to read. */
export const READABLE = 0x001;
/** It can be written to: a connection that was on its way is there. */
export const WRITABLE = 0x004;
/** There is something in the error queue, or an error that the next call would return. */
export const FAILED = 0x008;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;

/** The structure is packed on x86-64 alone. */
const EVENT_LENGTH = process.arch === 'x64' ? 12 : 16;
const DATA_OFFSET = EVENT_LENGTH - 8;

/** How many descriptors are served at a time; the others are the next time, since epoll goes round. */
const MOST_EVENTS = 64;

/** Native byte order, as in all structures of the kernel. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * An epoll instance (epoll(7)) within libuv's own: a readable descriptor in it makes itself readable. libuv takes it for a UDP socket, tries
 * to receive from it, and is told ENOTSOCK, which Node.js emits as an 'error' that harms nothing: that is the call to look.
 *
 * @throws {SystemCallError} when the kernel refuses, such as EMFILE.
 */
export function openReadiness(libc: Libc): Readiness {
  const epollFd = libc.epollCreate();
  return closeOnThrow(libc, epollFd, () => {
    const adopted = adoptDescriptor(libc, epollFd);
    libc.close(epollFd);
    return new EpollReadiness(libc, adopted.fd, adopted.socket);
  });
}

class EpollReadiness implements Readiness {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #socket: ReturnType<typeof adoptDescriptor>['socket'];
  readonly #handlers = new Map<number, (events: number) => void>();
  readonly #events = new DataView(new ArrayBuffer(MOST_EVENTS * EVENT_LENGTH));
  readonly #eventBytes = new Uint8Array(this.#events.buffer);
  #closed = false;

  constructor(libc: Libc, fd: number, socket: ReturnType<typeof adoptDescriptor>['socket']) {
    this.#libc = libc;
    this.#fd = fd;
    this.#socket = socket.unref().on('error', () => this.dispatch());
  }

  add(fd: number, onReady: (events: number) => void, events = READABLE): void {
    this.#libc.epollCtl(this.#fd, EPOLL_CTL_ADD, fd, eventFor(fd, events));
    this.#handlers.set(fd, onReady);
  }

  remove(fd: number): void {
    if (this.#closed || !this.#handlers.delete(fd)) return;
    this.#libc.epollCtl(this.#fd, EPOLL_CTL_DEL, fd, eventFor(fd));
  }

  dispatch(): void {
    // As many rounds as it takes to hear of all: what is not heard of in time would be taken for lost.
    for (let heard = 0; !this.#closed && heard <= this.#handlers.size; heard += MOST_EVENTS) {
      if (this.#dispatchSome() < MOST_EVENTS) return;
    }
  }

  #dispatchSome(): number {
    const ready = this.#libc.epollPoll(this.#fd, this.#eventBytes, MOST_EVENTS);
    for (let index = 0; index < ready; index += 1) {
      const at = index * EVENT_LENGTH;
      const fd = this.#events.getUint32(at + DATA_OFFSET, LITTLE_ENDIAN);
      // A handler may have removed another's descriptor.
      this.#handlers.get(fd)?.(this.#events.getUint32(at, LITTLE_ENDIAN));
    }
    return ready;
  }

  keepAlive(wanted: 'yes' | 'no'): void {
    if (this.#closed) return;
    if (wanted === 'yes') this.#socket.ref();
    else this.#socket.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.clear();
    this.#socket.removeAllListeners('error').on('error', () => {});
    this.#socket.close();
  }
}

function eventFor(fd: number, events = READABLE): Uint8Array {
  const event = new DataView(new ArrayBuffer(EVENT_LENGTH));
  event.setUint32(0, events, LITTLE_ENDIAN);
  event.setUint32(DATA_OFFSET, fd, LITTLE_ENDIAN);
  return new Uint8Array(event.buffer);
}
