import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { endianness } from 'node:os';
import koffi from 'koffi';
import { SystemCallError } from '../../../native/index.js';

/** The user's side of a TAP device: what the host sends comes out here, and what is put in here the host receives. */
export interface TapDevice {
  /** Puts a frame in. It is lost where the device is down, as on a wire. */
  send(frame: Uint8Array): void;
  setCarrier(carrier: Carrier): void;
}

export type Carrier = 'on' | 'off';

/** Makes a TAP device in the network namespace of the calling thread. It lives as long as this process. */
export function openTapDevice(name: string, onFrame: (frame: Uint8Array) => void): TapDevice {
  const fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  ioctl(fd, TUNSETIFF, interfaceRequest(name, IFF_TAP | IFF_NO_PI));
  readInEventLoop(fd, onFrame);
  return {
    send: (frame) => {
      try {
        writeSync(fd, frame);
      } catch {
        // EIO: the device is down.
      }
    },
    setCarrier: (carrier) => ioctl(fd, TUNSETCARRIER, int32(carrier === 'on' ? 1 : 0)),
  };
}

/** Goes on in another network namespace: this thread, and nothing else of the process. */
export function enterNetworkNamespaceOf(pid: number): void {
  const fd = openSync(`/proc/${pid}/ns/net`, 'r');
  checked('setns', setns(fd, CLONE_NEWNET));
  closeSync(fd);
}

// include/uapi/linux/if_tun.h, include/uapi/linux/if.h, include/uapi/linux/sched.h, include/linux/net.h
const TUNSETIFF = 0x4004_54ca;
const TUNSETCARRIER = 0x4004_54e2;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const CLONE_NEWNET = 0x4000_0000;
const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0x8_0000 | 0x800;
const O_CLOEXEC = 0x8_0000;

const libc = koffi.load(null);
const ioctlFunction: (fd: number, request: number, type: 'void *', argument: Uint8Array) => number = libc.func(
  'int ioctl(int, unsigned long, ...)',
);
const setns: (fd: number, type: number) => number = libc.func('int setns(int, int)');
const socketpair: (domain: number, type: number, protocol: number, pair: Int32Array) => number = libc.func(
  'int socketpair(int, int, int, void *)',
);
const dup3: (from: number, to: number, flags: number) => number = libc.func('int dup3(int, int, int)');

/**
 * libuv reads no character device in its event loop; it would block a thread of its pool for each. But it epolls whatever a descriptor
 * number stands for: so it is given a socket, and in the same tick the device takes that one's place. Each read is one frame.
 */
function readInEventLoop(deviceFd: number, onFrame: (frame: Uint8Array) => void): void {
  const pair = new Int32Array(2);
  checked('socketpair', socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC_NONBLOCK, 0, pair));
  const [placeholder = -1, other = -1] = pair;
  const socket = new Socket({ fd: placeholder, readable: true, writable: false });
  checked('dup3', dup3(deviceFd, placeholder, O_CLOEXEC));
  closeSync(other);
  // EIO: the device has gone, with the namespace or by `ip link delete`.
  socket.on('error', () => {});
  socket.on('data', onFrame);
}

function ioctl(fd: number, request: number, argument: Uint8Array): void {
  checked('ioctl', ioctlFunction(fd, request, 'void *', argument));
}

function checked(syscall: string, result: number): void {
  if (result === -1) throw new SystemCallError(syscall, koffi.errno());
}

/** `struct ifreq`: the name in 16 bytes, then a union whose first member here is the flags; 40 bytes on 64-bit systems. */
function interfaceRequest(name: string, flags: number): Uint8Array {
  if (Buffer.byteLength(name) > 15) throw new RangeError(`an interface name has at most 15 bytes, unlike ${name}`);
  const request = Buffer.alloc(40);
  request.write(name, 0);
  if (endianness() === 'LE') request.writeInt16LE(flags, 16);
  else request.writeInt16BE(flags, 16);
  return request;
}

function int32(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}
