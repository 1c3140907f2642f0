import { open } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import pRetry from 'p-retry';
import { createRetryer } from '../../../../src/retry/index.js';
import { serveClient } from '../client-program.js';
import type { Tell, TransferOrder } from '../contract.js';

/**
 * The smallest transfer that can be resumed: pieces of a file, each in a request of its own, which is what the runner is tried out on.
 */
serveClient({
  async netpause(order, { network, signal, tell }) {
    const retryer = createRetryer({ network: network.target(`${order.host}:${order.port}`), retries: 10, signal });
    retryer.on('failure', ({ spent, error }) => tell.failed({ spent, error: String(error) }));
    await uploadInPieces(order, tell, (piece) => retryer.run((_, attempt) => piece(attempt.signal)));
  },
  async bare(order, { signal, tell }) {
    await uploadInPieces(order, tell, (piece) =>
      pRetry(() => piece(AbortSignal.any([signal, AbortSignal.timeout(5_000)])), {
        retries: 3,
        signal,
        onFailedAttempt: ({ error }) => tell.failed({ spent: true, error: String(error) }),
      }),
    );
  },
});

const PIECE = 256 * 1024;

type RunPiece = (piece: (signal: AbortSignal) => Promise<void>) => Promise<void>;

async function uploadInPieces(order: TransferOrder, tell: Tell, run: RunPiece): Promise<void> {
  await using file = await open(order.file);
  const agent = new Agent({ keepAlive: true });
  try {
    for (let offset = 0; offset < order.bytes; offset += PIECE) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE), 0, PIECE, offset);
      await run(async (signal) => {
        tell.moved(offset, bytesRead);
        await patch(order, offset, buffer.subarray(0, bytesRead), { signal, agent });
      });
      tell.stored(offset + bytesRead);
    }
  } finally {
    agent.destroy();
  }
}

function patch(
  { host, port, name }: TransferOrder,
  from: number,
  body: Buffer,
  options: { readonly signal: AbortSignal; readonly agent: Agent },
): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ host, port, method: 'PATCH', path: `/${name}?from=${from}`, ...options }, (response) => {
      response.on('error', reject).on('end', resolve).resume();
    })
      .on('error', reject)
      .end(body);
  });
}
