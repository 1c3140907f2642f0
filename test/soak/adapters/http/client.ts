import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Agent, RetryAgent, request } from 'undici';
import { download } from '../../../../src/adapters/fetch/index.js';
import { serveClient } from '../client-program.js';
import type { Tell, TransferOrder } from '../contract.js';

serveClient({
  async netpause(order, { network, signal, tell }) {
    let stored = 0;
    await download(urlOf(order), order.file, {
      network,
      signal,
      fetch: listeningFetch(tell),
      onProgress: ({ received }) => {
        stored = Math.max(stored, received);
        tell.stored(stored);
      },
      onFailedAttempt: ({ error }) => tell.failed({ spent: true, error: String(error) }),
      onPause: ({ reason }) => tell.failed({ spent: false, error: String(reason) }),
    });
  },

  /**
   * undici's own RetryAgent, which resumes by Range too. With timeouts, for without them it would wait for five minutes; and these, and what the
   * lookup of a name fails with, are added to the errors after which it tries again, for otherwise it would give up at the first.
   */
  async bare(order, { signal, tell }) {
    const agent = new Agent({ headersTimeout: 5_000, bodyTimeout: 5_000 });
    const dispatcher = new RetryAgent(agent, { errorCodes: [...ERROR_CODES] });
    try {
      const { statusCode, body } = await request(urlOf(order), { dispatcher, signal });
      if (statusCode !== 200) throw new Error(`status ${statusCode}`);
      let received = 0;
      body.on('data', (chunk: Buffer) => {
        received += chunk.byteLength;
        tell.stored(received);
      });
      await pipeline(body, counted(tell), createWriteStream(order.file), { signal });
    } finally {
      await agent.destroy();
    }
  },
});

const ERROR_CODES = [
  // The defaults of undici 7.
  'ECONNRESET',
  'ECONNREFUSED',
  'ENOTFOUND',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EPIPE',
  'UND_ERR_SOCKET',
  // And what it meets here beside them.
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
];

function urlOf({ host, port, name }: TransferOrder): string {
  return `http://${host}:${port}/${name}`;
}

/** Tells what comes out of each answer. */
function listeningFetch(tell: Tell): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const [, start = '0'] = /^bytes (\d+)-/.exec(response.headers.get('Content-Range') ?? '') ?? [];
    const { status, headers } = response;
    // Through the response itself: undici closes the body of one that is garbage.
    const chunks = async function* () {
      yield* counted(tell, Number(start))(response.body ?? []);
    };
    return new Response(chunks(), { status, headers });
  };
}

function counted(tell: Tell, from = 0) {
  return async function* (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let offset = from;
    for await (const chunk of chunks) {
      tell.moved(offset, chunk.byteLength);
      offset += chunk.byteLength;
      yield chunk;
    }
  };
}
