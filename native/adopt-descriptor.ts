import { createSocket, type Socket } from 'node:dgram';
import type { Libc } from './libc.js';
import { AF_INET, closeOnThrow, O_CLOEXEC, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from './netlink-fd.js';

/** A descriptor that libuv watches, under a number of its own. */
export interface AdoptedDescriptor {
  readonly socket: Socket;
  /** Closed with the socket. */
  readonly fd: number;
}

/**
 * Has libuv watch a descriptor that it would not adopt by name: `uv_guess_handle` knows neither AF_NETLINK nor epoll. But it epolls whatever
 * a descriptor number stands for when the loop next turns: so it is given a UDP socket, and in the same tick `dup3` puts the descriptor in
 * that one's place. The descriptor itself stays the caller's to close.
 */
export function adoptDescriptor(libc: Libc, fd: number): AdoptedDescriptor {
  const placeholderFd = libc.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const socket = closeOnThrow(libc, placeholderFd, () => {
    const adopted = createSocket('udp4');
    // Exclusive: a cluster worker would otherwise ask its primary for the descriptor.
    adopted.bind({ fd: placeholderFd, exclusive: true });
    return adopted;
  });
  try {
    libc.dup3(fd, placeholderFd, O_CLOEXEC);
  } catch (error) {
    socket.close();
    throw error;
  }
  return { socket, fd: placeholderFd };
}
