import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { type Emit, serveActor } from '../actor/index.js';

/** How an attempt to connect ended. */
export type ConnectOutcome = 'connected' | (string & {});

let server: Server | undefined;

/** Plain TCP, from one end and from the other: whether there is a way through is what a lab is about. */
const tcp = serveActor((emit: Emit<{ connection: { from: string } }>) => ({
  /** Accepts connections on all addresses. @returns the port. */
  async listen(port = 0): Promise<number> {
    const listening = createServer((socket) => {
      socket.on('error', () => {});
      emit('connection', { from: socket.remoteAddress ?? '' });
    });
    server?.close();
    server = listening.listen(port, '::');
    await once(listening, 'listening');
    const address = listening.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  },

  /**
   * Connects once and closes.
   *
   * @param timeout milliseconds after which the attempt counts as `'ETIMEDOUT'`; the kernel itself would wait for two minutes.
   * @returns `'connected'`, or the error code, such as `'ENETUNREACH'`.
   */
  connect(host: string, port: number, timeout = 10_000): Promise<ConnectOutcome> {
    return new Promise((resolve) => {
      const socket = connect({ host, port });
      const end = (outcome: ConnectOutcome) => {
        clearTimeout(timer);
        socket.destroy();
        resolve(outcome);
      };
      const timer = setTimeout(() => end('ETIMEDOUT'), timeout);
      socket.once('connect', () => end('connected'));
      socket.once('error', (error) =>
        end('code' in error && typeof error.code === 'string' ? error.code : error.message),
      );
    });
  },
}));

export type Tcp = typeof tcp;
