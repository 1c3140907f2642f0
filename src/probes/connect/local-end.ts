import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP, type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { networkInterfaces } from 'node:os';
import { loadNative, type NativeSupport, openDeviceSocket, SystemCallError } from '../../../native/index.js';
import { inconclusive } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { ConnectOptions } from './connect-options.js';

/** Where connections of a probe begin. */
export interface LocalEnd {
  /** How the socket is kept to its interface, where one was asked for. */
  readonly boundBy?: 'device' | 'address';
  /**
   * A socket that is connecting to an address.
   *
   * @param onread where what comes is read into, in the place of new buffers (`net.Socket`).
   * @throws {ProbeFailedError} where there is no such interface, or none of its addresses will do.
   */
  connect(address: string, port: number, onread?: OnReadOpts): Socket;
  /** Whether this host itself knows a way to an address; absent where that cannot be told, since the routes do not decide. */
  hasRoute?(address: string, port: number): Promise<boolean>;
}

const anywhere: LocalEnd = {
  connect: (address, port, onread) => connectFrom(newSocket({ onread }), address, port),
  hasRoute: (address, port) => hasRoute(address, port),
};

/**
 * What the options ask for.
 *
 * @param load finds out whether the kernel can be called from here.
 */
export async function localEndOf(
  { source, interface: name }: Pick<ConnectOptions, 'source' | 'interface'>,
  load: () => Promise<NativeSupport> = loadNative,
): Promise<LocalEnd> {
  if (name !== undefined) return boundTo(name, source, await load());
  if (source === undefined) return anywhere;
  return {
    connect: (address, port, onread) => connectFrom(newSocket({ onread }), address, port, source),
    hasRoute: (address, port) => hasRoute(address, port, source),
  };
}

function boundTo(name: string, source: string | undefined, native: NativeSupport): LocalEnd {
  const byAddress: LocalEnd = {
    boundBy: 'address',
    connect: (address, port, onread) =>
      connectFrom(newSocket({ onread }), address, port, source ?? addressOf(name, address)),
  };
  if (!native.supported || !mayBindToDevice(native, name)) return byAddress;
  return {
    boundBy: 'device',
    connect: (address, port, onread) => {
      const fd = openFor(native, address, name);
      return connectFrom(newSocket({ fd, onread }), address, port, source);
    },
  };
}

type Native = Extract<NativeSupport, { readonly supported: true }>;

/** Asked anew each time: a privilege may be dropped, and it costs microseconds. A missing interface is told when it comes to that. */
function mayBindToDevice({ libc }: Native, name: string): boolean {
  try {
    libc.close(openDeviceSocket(libc, 4, name));
    return true;
  } catch (error) {
    return error instanceof SystemCallError && error.code === 'ENODEV';
  }
}

function openFor({ libc }: Native, address: string, name: string): number {
  try {
    return openDeviceSocket(libc, isIP(address) === 6 ? 6 : 4, name);
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'ENODEV') throw noInterface(name);
    throw error;
  }
}

/** The kernel looks for a way when a socket for datagrams is connected, which sends nothing (connect(2)). */
async function hasRoute(address: string, port: number, source?: string): Promise<boolean> {
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  try {
    if (source !== undefined) {
      socket.bind(0, source);
      await once(socket, 'listening');
    }
    socket.connect(port, address);
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

/** By the types of Node.js 20, `onread` is for `net.connect` only, which hands it on to the constructor. */
function newSocket(options: SocketConstructorOpts & { readonly onread: OnReadOpts | undefined }): Socket {
  return new Socket(options);
}

function connectFrom(socket: Socket, address: string, port: number, localAddress?: string): Socket {
  // With an IP address Node asks no resolver, and races nothing of its own.
  return socket.connect({ host: address, port, ...(localAddress !== undefined && { localAddress }) });
}

/** The interface's first address of the destination's family. One of the link itself reaches nothing beyond it. */
function addressOf(name: string, destination: string): string {
  const listed = networkInterfaces()[name];
  if (listed === undefined) throw noInterface(name);
  const family = isIP(destination) === 6 ? 'IPv6' : 'IPv4';
  const usable = listed.filter((each) => each.family === family);
  const chosen = usable.find(({ address }) => !/^fe[89ab]/i.test(address)) ?? usable[0];
  if (chosen !== undefined) return chosen.address;
  throw new ProbeFailedError(inconclusive('no-address', `the interface ${name} has no ${family} address`));
}

function noInterface(name: string): ProbeFailedError {
  return new ProbeFailedError(inconclusive('no-interface', `this host has no interface ${name}`));
}
