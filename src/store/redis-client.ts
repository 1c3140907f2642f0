/** What is needed of a client of Redis: that of ioredis (version 5 or later) has it. */
export interface RedisClient {
  /** Sends a command. */
  call(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>;
  /** Another client with the same options and a connection of its own. */
  duplicate(): RedisClient;
  /** Subscribes to a channel; the connection then serves nothing else. */
  subscribe(channel: string): Promise<unknown>;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'ready' | 'close', listener: () => void): unknown;
  off(event: 'ready' | 'close', listener: () => void): unknown;
  /** `'ready'` while commands can be sent. */
  readonly status: string;
  /** Closes the connection at once, for good. */
  disconnect(): void;
}
