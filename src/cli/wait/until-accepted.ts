import { once } from 'node:events';
import { connect } from 'node:net';
import { createRetryer, type NetworkSource } from '../../retry/index.js';
import { explain } from '../text/words.js';
import type { Endpoint } from './endpoint.js';

export interface AcceptedWait {
  readonly network: NetworkSource;
  readonly signal: AbortSignal;
  tell(line: string): void;
  /** The local address to connect from. */
  readonly source: string | undefined;
}

/** How long one connect may take, and how patient the waits between them become; all in milliseconds. */
const PATIENCE = { timeout: 5_000, minTimeout: 250, factor: 1.5, maxTimeout: 2_000 } as const;

/**
 * Resolves when the endpoint accepts a connection. While there is no way to it, it is not asked, and as soon as there is one it is.
 *
 * @throws the signal's reason.
 */
export async function untilAccepted(
  endpoint: Endpoint,
  { network, signal, tell, source }: AcceptedWait,
): Promise<void> {
  let told = '';
  const tellOnce = (line: string): void => {
    if (line !== told) tell(line);
    told = line;
  };
  await createRetryer({
    ...PATIENCE,
    retries: Number.POSITIVE_INFINITY,
    network,
    signal,
    onPause: ({ reason }) => tellOnce(`the way there is down (${reason})`),
    onFailedAttempt: ({ error }) => tellOnce(explain(error)),
  }).run(async (_attempt, attempt) => {
    const socket = connect({
      ...endpoint,
      signal: attempt.signal,
      ...(source !== undefined && { localAddress: source }),
    });
    try {
      await once(socket, 'connect');
    } finally {
      socket.destroy();
    }
  });
}
