import { type MessagePort, parentPort } from 'node:worker_threads';
import { InvalidOptionError } from '../errors/index.js';

/** One end of a channel between processes: a `ChildProcess` that was forked, a cluster's `Worker`, or anything alike. */
export interface IpcChannel {
  /** Sends a message, and calls back when it is sent or cannot be. */
  send(message: object, callback: (error: Error | null) => void): unknown;
  /** Listens to `'message'` and `'disconnect'`. */
  on(event: 'message' | 'disconnect', listener: (value?: unknown) => void): unknown;
  /** Listens no more. */
  off(event: 'message' | 'disconnect', listener: (value?: unknown) => void): unknown;
}

/** The owner's end of a channel: a port whose other end the worker thread has, or a process that was forked. */
export type OwnerEnd = MessagePort | IpcChannel;

/** The follower's end of a channel: a port that came from the main thread, or `process` in a process that was forked. */
export type FollowerEnd = MessagePort | IpcChannel | NodeJS.Process;

/** What a channel tells. */
export interface ChannelHandlers {
  onMessage(value: unknown): void;
  /** The other end is gone, for good. */
  onClose(): void;
}

/** A way to another thread or process. It keeps neither end alive. */
export interface Channel {
  /** Does nothing where the other end is gone. */
  send(message: object): void;
  /** Listens no more. A port is closed, so that the other end hears of it; a process is not disconnected. */
  close(): void;
}

/** @throws {InvalidOptionError} where `end` is no end of a channel, or one that must not be listened to. */
export function openChannel(owner: string, end: OwnerEnd | FollowerEnd, handlers: ChannelHandlers): Channel {
  if (isPort(end)) return portChannel(end, handlers);
  if (isIpc(end)) return ipcChannel(end, handlers);
  throw new InvalidOptionError(
    `${owner}: channel`,
    end,
    'a MessagePort of its own (not parentPort: a listener more or less on it decides when the worker ends), or a process with an IPC channel',
  );
}

function portChannel(port: MessagePort, { onMessage, onClose }: ChannelHandlers): Channel {
  port.on('message', onMessage);
  port.once('close', onClose);
  // A listener for messages references the port.
  port.unref();
  return {
    send: (message) => port.postMessage(message),
    close: () => {
      port.off('message', onMessage);
      port.off('close', onClose);
      port.close();
    },
  };
}

function ipcChannel(end: IpcChannel, { onMessage, onClose }: ChannelHandlers): Channel {
  end.on('message', onMessage);
  end.on('disconnect', onClose);
  const reference = unreference(end);
  return {
    // Without a callback, a channel that closes meanwhile would be an 'error' event, which ends the process.
    send: (message) => void end.send(message, () => {}),
    close: () => {
      reference();
      end.off('message', onMessage);
      end.off('disconnect', onClose);
    },
  };
}

/**
 * In a child, each listener for `message` or `disconnect` references the channel (_forkChild in lib/child_process.js). Its `unref()` would
 * outvote the listeners of the program, for good; so ours are taken out of the count instead, where it is accessible.
 *
 * @returns what puts them back, before they are removed.
 */
function unreference(end: IpcChannel): () => void {
  const channel: unknown = end === process ? process.channel : undefined;
  if (!isCounted(channel)) return () => {};
  const twice = (act: () => void): void => {
    act();
    act();
  };
  twice(() => channel.unrefCounted());
  return () => twice(() => channel.refCounted());
}

interface Counted {
  refCounted(): void;
  unrefCounted(): void;
}

function isPort(end: object): end is MessagePort {
  return has(end, 'postMessage', 'start', 'on') && end !== parentPort;
}

function isIpc(end: object): end is IpcChannel {
  return has(end, 'send', 'on', 'off');
}

function isCounted(channel: unknown): channel is Counted {
  return has(channel, 'refCounted', 'unrefCounted');
}

function has(value: unknown, ...methods: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
