import { subscribe as subscribeTo, unsubscribe as unsubscribeFrom } from 'node:diagnostics_channel';
import { InvalidOptionError } from '../errors/index.js';
import { callSafely } from '../events/index.js';
import type { CheckResult, LinkChange, NetworkChange, NetworkMonitor } from '../monitor/index.js';
import type { AttemptEvent, FailureEvent, PauseEvent, ResumeEvent, Retryer, SettleEvent } from '../retry/index.js';

/** What a monitor publishes. */
export interface MonitorMessage<Event> {
  /** The monitor that has emitted the event. */
  readonly sender: NetworkMonitor;
  /** What its listeners are given. */
  readonly event: Event;
}

/** What a call publishes. */
export interface RetryMessage<Event> {
  /** `undefined` for a call by `retry()` or `makeRetriable()`, which has no retryer. */
  readonly sender: Retryer | undefined;
  /** What the retryer's listeners are given. */
  readonly event: Event;
}

/** The channels of `node:diagnostics_channel` that netpause publishes on, each with its message: an event, and who has emitted it. */
export interface ChannelMessages {
  /** The state changed. */
  'netpause.monitor.state': MonitorMessage<NetworkChange>;
  /** An interface came, went or changed. */
  'netpause.monitor.link': MonitorMessage<LinkChange>;
  /** A check of one host and port ended. */
  'netpause.monitor.check': MonitorMessage<CheckResult>;
  /** Something could not be read; the monitor goes on. */
  'netpause.monitor.error': MonitorMessage<Error>;
  /** An attempt starts. */
  'netpause.retry.attempt': RetryMessage<AttemptEvent>;
  /** An attempt failed. */
  'netpause.retry.failure': RetryMessage<FailureEvent>;
  /** A call begins to wait for the network. */
  'netpause.retry.pause': RetryMessage<PauseEvent>;
  /** A call goes on. */
  'netpause.retry.resume': RetryMessage<ResumeEvent>;
  /** A call is over. */
  'netpause.retry.settle': RetryMessage<SettleEvent>;
}

/**
 * Hears of every monitor or every call of this thread, whoever made it: `node:diagnostics_channel` with the types of the messages, and with a
 * listener whose throw becomes a process warning (a plain subscriber's ends the process).
 *
 * @returns a function that ends the subscription.
 * @throws {InvalidOptionError} where there is no channel of that name.
 *
 * @example
 * const unsubscribe = subscribe('netpause.retry.pause', ({ event }) => console.log(`${event.name} waits: ${event.reason}`));
 */
export function subscribe<Name extends keyof ChannelMessages>(
  name: Name,
  listener: (message: ChannelMessages[Name]) => void,
): () => void {
  if (!CHANNELS.includes(name)) {
    throw new InvalidOptionError('subscribe: name', name, `one of ${CHANNELS.join(', ')}`);
  }
  const onMessage = (message: unknown): void => {
    if (isMessage<Name>(message)) callSafely(() => listener(message));
  };
  subscribeTo(name, onMessage);
  return () => {
    unsubscribeFrom(name, onMessage);
  };
}

const CHANNELS: readonly string[] = [
  'netpause.monitor.state',
  'netpause.monitor.link',
  'netpause.monitor.check',
  'netpause.monitor.error',
  'netpause.retry.attempt',
  'netpause.retry.failure',
  'netpause.retry.pause',
  'netpause.retry.resume',
  'netpause.retry.settle',
] satisfies readonly (keyof ChannelMessages)[];

/** Anybody can publish on any channel. */
function isMessage<Name extends keyof ChannelMessages>(message: unknown): message is ChannelMessages[Name] {
  return typeof message === 'object' && message !== null && 'sender' in message && 'event' in message;
}
