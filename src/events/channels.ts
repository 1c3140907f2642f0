import type { Channel } from 'node:diagnostics_channel';

/** The channel of `node:diagnostics_channel` that each event of an emitter is published on. */
export type EventChannels<Name extends string> = Readonly<Record<Name, Channel>>;

/**
 * Publishes an event as `{ sender, event }`, where anybody subscribes. The channels are how tools that watch a whole process (APM agents, the
 * metrics of `netpause/observe`) hear of what they have no reference to.
 */
export function publish(channel: Channel, sender: object | undefined, event: unknown): void {
  if (channel.hasSubscribers) channel.publish({ sender, event });
}
