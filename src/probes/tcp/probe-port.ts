import type { Socket } from 'node:net';
import { type ConnectAttempt, type ConnectRequest, connectFirst } from '../connect/connect-race.js';
import { escapeText } from '../escape-text.js';
import type { ProbeFailure, ProbeVerdict } from '../result.js';
import { type Exchange, exchangeText } from './exchange-text.js';

/** What is to be done on a port once it is connected. */
export interface PortTask {
  readonly exchange: Omit<Exchange, 'signal'>;
  readonly close: 'reset' | 'fin';
}

/** What was found on one port. */
export interface PortOutcome {
  readonly port: number;
  readonly verdict: ProbeVerdict;
  readonly attempts: readonly ConnectAttempt[];
  /** The IP address that was connected to, or whose failure it is. */
  readonly address: string;
  /** Milliseconds; absent where nothing was connected. */
  readonly connect?: number;
  /** Milliseconds from the connection until what is expected had come; absent where it has not. */
  readonly banner?: number;
  /** What came first, escaped. */
  readonly text?: string;
}

/** Connects to one port, talks where there is something to say or to hear, and closes. Never rejects. */
export async function probePort(request: ConnectRequest, { exchange, close }: PortTask): Promise<PortOutcome> {
  const { port, signal } = request;
  const connected = await connectFirst(request);
  const { attempts, address } = connected;
  if ('failure' in connected) return { port, verdict: connected.failure, attempts, address };
  const { socket, duration } = connected;
  const found = { port, attempts, address, connect: duration };
  if (exchange.send === undefined && exchange.expect === undefined) {
    closeSocket(socket, close);
    return { ...found, verdict: { status: 'ok' } };
  }
  const begun = performance.now();
  const { verdict, received } = signal.aborted
    ? { verdict: cancelled, received: '' }
    : await exchangeText(socket, { ...exchange, signal });
  const spoken = performance.now() - begun;
  closeSocket(socket, close);
  return {
    ...found,
    verdict,
    ...(verdict.status === 'ok' && exchange.expect !== undefined && { banner: spoken }),
    ...(received !== '' && { text: escapeText(received) }),
  };
}

/** Only ever seen where the probe is over anyway. */
const cancelled: ProbeFailure = {
  status: 'inconclusive',
  failureSource: 'local',
  reason: 'cancelled',
  message: 'the probe was over before anything was said',
};

function closeSocket(socket: Socket, close: 'reset' | 'fin'): void {
  if (close === 'reset') socket.resetAndDestroy();
  else socket.destroy();
}
