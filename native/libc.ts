import { SystemCallError } from './system-call-error.js';

/**
 * The C library's socket calls, each checked: a return value of −1 throws a {@link SystemCallError}.
 *
 * Buffers are handed to the kernel in place. Every call that writes into one takes its length from the buffer itself, so that no caller can
 * make the kernel write past its end.
 */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array): void;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array): void;
  /** @returns the number of bytes that the kernel wrote into `value`. */
  getsockopt(fd: number, level: number, option: number, value: Uint8Array): number;
  send(fd: number, bytes: Uint8Array, flags: number): number;
  /**
   * Receives one datagram and its sender's address.
   *
   * @returns the datagram's length, which with MSG_TRUNC may be more than fitted; −1 when there is nothing to read (EAGAIN).
   */
  recvfrom(fd: number, bytes: Uint8Array, flags: number, sender: Uint8Array): number;
  /** Waits until the descriptor is readable. @returns false when the time is over first. */
  pollReadable(fd: number, timeoutMs: number): boolean;
  dup3(from: number, to: number, flags: number): void;
  close(fd: number): void;
}

/** Whether the kernel can be called from here, and if not, why. */
export type NativeSupport =
  | { readonly supported: true; readonly libc: Libc }
  | { readonly supported: false; readonly reason: string; readonly cause?: unknown };

let loading: Promise<NativeSupport> | undefined;

/**
 * Loads the FFI, once per thread. Never rejects: where it cannot be had (no Linux, koffi not installed, native add-ons forbidden by
 * `--permission`) the answer says why.
 */
export function loadNative(): Promise<NativeSupport> {
  loading ??= load();
  return loading;
}

async function load(): Promise<NativeSupport> {
  if (process.platform !== 'linux') {
    return { supported: false, reason: `netlink exists on Linux only, and this is ${process.platform}` };
  }
  try {
    // Imported when it is first needed: loading takes 10 ms and 2 MB, and a service without a monitor should pay neither.
    const koffi = await import('koffi');
    return { supported: true, libc: bindLibc('default' in koffi ? koffi.default : koffi) };
  } catch (cause) {
    return { supported: false, reason: `koffi could not be loaded: ${describe(cause)}`, cause };
  }
}

type Koffi = Pick<typeof import('koffi'), 'load' | 'errno'>;

function bindLibc(koffi: Koffi): Libc {
  const libc = koffi.load(null);
  // koffi knows no ssize_t; on every Linux ABI that it supports, it is a long.
  const socket: (domain: number, type: number, protocol: number) => number = libc.func('int socket(int, int, int)');
  const bind: (fd: number, address: Uint8Array, length: number) => number = libc.func(
    'int bind(int, const void *, unsigned int)',
  );
  const setsockopt: (fd: number, level: number, option: number, value: Uint8Array, length: number) => number =
    libc.func('int setsockopt(int, int, int, const void *, unsigned int)');
  const getsockopt: (fd: number, level: number, option: number, value: Uint8Array, length: Uint8Array) => number =
    libc.func('int getsockopt(int, int, int, void *, void *)');
  const send: (fd: number, bytes: Uint8Array, length: number, flags: number) => number = libc.func(
    'long send(int, const void *, size_t, int)',
  );
  const recvfrom: (
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    sender: Uint8Array,
    senderLength: Uint8Array,
  ) => number = libc.func('long recvfrom(int, void *, size_t, int, void *, void *)');
  const poll: (fds: Uint8Array, count: number, timeoutMs: number) => number = libc.func(
    'int poll(void *, unsigned long, int)',
  );
  const dup3: (from: number, to: number, flags: number) => number = libc.func('int dup3(int, int, int)');
  const close: (fd: number) => number = libc.func('int close(int)');

  const checked = (syscall: string, result: number): number => {
    if (result === -1) throw new SystemCallError(syscall, koffi.errno());
    return result;
  };
  const length = new Uint32Array(1);
  const lengthBytes = new Uint8Array(length.buffer);
  const pollFd = new DataView(new ArrayBuffer(8));
  const pollFdBytes = new Uint8Array(pollFd.buffer);

  return {
    socket: (domain, type, protocol) => checked('socket', socket(domain, type, protocol)),
    bind: (fd, address) => {
      checked('bind', bind(fd, address, address.byteLength));
    },
    setsockopt: (fd, level, option, value) => {
      checked('setsockopt', setsockopt(fd, level, option, value, value.byteLength));
    },
    getsockopt: (fd, level, option, value) => {
      length[0] = value.byteLength;
      checked('getsockopt', getsockopt(fd, level, option, value, lengthBytes));
      return length[0];
    },
    send: (fd, bytes, flags) => checked('send', send(fd, bytes, bytes.byteLength, flags)),
    recvfrom: (fd, bytes, flags, sender) => {
      for (;;) {
        length[0] = sender.byteLength;
        const received = recvfrom(fd, bytes, bytes.byteLength, flags, sender, lengthBytes);
        if (received !== -1) return received;
        const errno = koffi.errno();
        if (errno === EAGAIN) return -1;
        if (errno !== EINTR) throw new SystemCallError('recvfrom', errno);
      }
    },
    pollReadable: (fd, timeoutMs) => {
      pollFd.setInt32(0, fd, LITTLE_ENDIAN);
      pollFd.setInt16(4, POLLIN, LITTLE_ENDIAN);
      for (;;) {
        const ready = poll(pollFdBytes, 1, timeoutMs);
        if (ready !== -1) return ready > 0;
        const errno = koffi.errno();
        if (errno !== EINTR) throw new SystemCallError('poll', errno);
      }
    },
    dup3: (from, to, flags) => {
      checked('dup3', dup3(from, to, flags));
    },
    close: (fd) => {
      checked('close', close(fd));
    },
  };
}

/** Native byte order, for the C structs that are filled in here. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

// include/uapi/asm-generic/errno-base.h and poll.h
const EINTR = 4;
const EAGAIN = 11;
const POLLIN = 1;

function describe(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const [firstLine = text] = text.split('\n');
  return firstLine;
}
