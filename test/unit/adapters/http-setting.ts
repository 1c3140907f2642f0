import { afterEach, expect } from 'vitest';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { type Answer, HttpServer, turn } from './http-server.js';

/** The network of the tests of one client. After each test it is up, and nobody hangs on it any more. */
export const network = new SimulatedNetwork();

let server: HttpServer | undefined;

/** The server of one test, gone with it. Where there is one already it stays. */
export async function serve(answer: Answer, port?: number): Promise<HttpServer> {
  server ??= await HttpServer.open(answer, port);
  return server;
}

/** An answer from the n-th request on; those before hang. */
export function answerFrom(n: number, answer: Answer): Answer {
  return (response, asked, count) => {
    if (count >= n) answer(response, asked, count);
  };
}

afterEach(async () => {
  network.up();
  await server?.[Symbol.asyncDispose]();
  server = undefined;
  await turn();
  expect(network).toMatchObject({ waiters: 0, listeners: 0, tracked: 0 });
});
