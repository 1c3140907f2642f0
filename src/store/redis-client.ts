/** What is needed of a client of Redis: that of ioredis (version 5 or later) has it. */
export interface RedisClient {
  /** Sends a command. */
  call(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>;
  /** Another client with the same options and a connection of its own. */
  duplicate(): RedisClient;
  /** Subscribes to a channel; the connection then serves nothing else. */
  subscribe(channel: string): Promise<unknown>;
  /** What is published. */
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  /** Where nobody listens for it, a connection that is lost ends the process. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** When commands can be sent, and when they no longer can. */
  on(event: 'ready' | 'close', listener: () => void): unknown;
  /** Takes a listener away. */
  off(event: 'error', listener: (error: Error) => void): unknown;
  /** Takes a listener away. */
  off(event: 'ready' | 'close', listener: () => void): unknown;
  /** `'ready'` while commands can be sent. */
  readonly status: string;
  /** Closes the connection at once, for good. */
  disconnect(): void;
}
