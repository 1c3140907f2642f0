import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { expect, vi } from 'vitest';
import type { SimulatedNetwork } from '../../../../src/testing/index.js';
import type { S3Server } from '../../../fixtures/s3/index.js';

export const BUCKET = 'bucket';

/** Warnings of the SDK about sockets and streams would stand among the results. */
export const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Waits for something to become so. */
export function until(condition: () => boolean): Promise<void> {
  return vi.waitUntil(condition, { timeout: 10_000, interval: 2 }).then(() => {});
}

export async function withBucket(server: S3Server): Promise<void> {
  const client = new S3Client(server.clientConfig);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
}

export function s3Client(server: S3Server, config: S3ClientConfig): S3Client {
  return new S3Client({ ...server.clientConfig, logger: SILENT, ...config });
}

export function stored(server: S3Server, key: string): Buffer {
  return Buffer.concat(server.object(BUCKET, key)?.body ?? []);
}

/** Nobody hangs on the network any more. What is closed needs some turns of the event loop for it. */
export async function nothingIsLeft(network: SimulatedNetwork): Promise<void> {
  await until(() => network.waiters + network.listeners + network.tracked === 0);
}

export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it should have been rejected'),
    (error: unknown) => error,
  );
}

/** What a service does with a request whose body has come. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A service on loopback that answers as it is told: one answer for each request, and the last for all further ones. */
export class FakeService implements AsyncDisposable {
  readonly requests: {
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
    readonly socket: unknown;
  }[] = [];
  readonly #server: Server;
  readonly #answers: Answer[];

  private constructor(answers: Answer[]) {
    this.#answers = answers;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(...answers: Answer[]): Promise<FakeService> {
    const service = new FakeService(answers);
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.requests.push({ headers: request.headers, body, socket: request.socket });
    const answer = this.#answers[this.requests.length - 1] ?? this.#answers.at(-1);
    answer?.(request, response, body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Never says anything. */
export const hang: Answer = () => {};

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers }).end(JSON.stringify(value));
  };

/** Says that an answer comes, begins with it, and never goes on. */
export const beginAndHang =
  (text: string): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': text.length * 2 });
    response.write(text);
  };

export const cut: Answer = (request) => {
  request.socket.destroy();
};
