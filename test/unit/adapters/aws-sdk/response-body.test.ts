import { randomBytes } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, type GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { FetchHttpHandler } from '@smithy/fetch-http-handler';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { networkAware, Upload } from '../../../../src/adapters/aws-sdk/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { createS3Server } from '../../../fixtures/s3/index.js';
import {
  type Answer,
  BUCKET,
  beginAndHang,
  FakeService,
  hang,
  json,
  nothingIsLeft,
  rejection,
  SILENT,
  s3Client,
  stored,
  until,
  withBucket,
} from './support.js';

const CONFIG = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  logger: SILENT,
  maxAttempts: 1,
  forcePathStyle: true,
};

let network: SimulatedNetwork;
const clients: { destroy(): void }[] = [];

beforeEach(() => {
  network = new SimulatedNetwork();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await nothingIsLeft(network);
});

const HANDLERS = [
  ['NodeHttpHandler', () => new NodeHttpHandler()],
  ['FetchHttpHandler', () => new FetchHttpHandler()],
] as const;

describe.each(HANDLERS)('with a %s, an answer on its way', (_name, requestHandler) => {
  function dynamo(service: FakeService, options = {}): DynamoDBClient {
    const extension = networkAware(network, { interruptAfter: 20, ...options });
    const client = new DynamoDBClient({
      ...CONFIG,
      ...extension,
      endpoint: service.endpoint,
      requestHandler: requestHandler(),
    });
    clients.push(client);
    return client;
  }
  const putItem = new PutItemCommand({ TableName: 't', Item: { id: { S: '1' } } });
  /** Headers that are there and a body that is not: the handler has done its part. */
  const isRead = () => until(() => network.listeners > 0 && network.tracked > 0);

  it('is ended when the network goes, and the call made again', async () => {
    await using service = await FakeService.start(beginAndHang('{"Att'), json({}));
    const sending = dynamo(service).send(putItem);
    await until(() => service.requests.length === 1);
    await isRead();
    network.down();
    await until(() => network.waiters === 1);
    network.up();
    expect((await sending).$metadata.attempts).toBe(1);
  });

  it('may break with the network: the call is made again', async () => {
    const breakOff: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"Att');
      network.down('unreachable');
      setImmediate(() => response.destroy());
    };
    await using service = await FakeService.start(breakOff, json({}));
    const sending = dynamo(service, { interruptAfter: Number.POSITIVE_INFINITY }).send(putItem);
    await until(() => network.waiters === 1);
    network.up();
    expect((await sending).$metadata.attempts).toBe(1);
  });

  it('of what must not be done twice is ended, but the call is not made again', async () => {
    await using service = await FakeService.start(beginAndHang('{"Att'), json({}));
    const sending = rejection(dynamo(service, { idempotent: false }).send(putItem));
    await until(() => service.requests.length === 1);
    await isRead();
    network.down();
    expect(await sending).toMatchObject({ code: 'ERR_NETPAUSE_NETWORK_DOWN' });
    network.up();
    expect(service.requests.length).toBe(1);
  });

  it('can be aborted, as without netpause', async () => {
    let isClosed = false;
    await using service = await FakeService.start((request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"Att');
      request.socket.once('close', () => {
        isClosed = true;
      });
    });
    const abortion = new AbortController();
    const sending = rejection(dynamo(service).send(putItem, { abortSignal: abortion.signal }));
    await until(() => service.requests.length === 1);
    await isRead();
    abortion.abort();
    expect(await sending).toMatchObject({ name: 'AbortError' });
    await until(() => isClosed);
  });

  it('waits, is ended and repeated before its headers are there', async () => {
    await using service = await FakeService.start(hang, json({}));
    const sending = dynamo(service).send(putItem);
    await until(() => service.requests.length === 1);
    network.down();
    await until(() => network.waiters === 1);
    network.up();
    expect((await sending).$metadata.attempts).toBe(1);
  });

  it('of an object ends for its reader with the network, and with the signal', async () => {
    await using service = await FakeService.start((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('begun');
    });
    const client = s3(service, requestHandler());
    const first = await get(client);
    const reading = rejection(textOf(first));
    network.down();
    expect(await reading).toMatchObject({ code: 'ERR_NETPAUSE_NETWORK_DOWN' });
    network.up();
    const abortion = new AbortController();
    const second = rejection(textOf(await get(client, abortion.signal)));
    abortion.abort();
    expect(await second).toMatchObject({ name: 'AbortError' });
  });
});

describe('an object that nobody reads yet', () => {
  it.each([
    ['without a checksum', {}],
    ['with a checksum', { 'x-amz-checksum-crc32': 'AAAAAA==' }],
  ])('ends neither process nor reader silently when the network goes: %s', async (_what, headers) => {
    await using service = await FakeService.start((_request, response) => {
      response.writeHead(200, { 'content-length': 1000, ...headers }).write('begun');
    });
    const client = s3(service, new NodeHttpHandler());
    const ways = [textOf, iterate];
    for (const read of ways) {
      const answer = await get(client);
      network.down();
      // By then the network is known to be lost under it. An error that nobody listens for would fail the run.
      await nothingIsLeft(network);
      network.up();
      expect(await rejection(read(answer))).toMatchObject({ code: 'ERR_NETPAUSE_NETWORK_DOWN' });
    }
  });
});

describe('a FetchHttpHandler', () => {
  it('is known to the SDK as one: it sends large bodies too', async () => {
    await using server = await createS3Server();
    await withBucket(server);
    const client = s3Client(server, { ...networkAware(network), requestHandler: new FetchHttpHandler() });
    clients.push(client);
    const content = randomBytes(12 * 2 ** 20);
    await new Upload({ client, params: { Bucket: BUCKET, Key: 'k', Body: content } }).done();
    expect(stored(server, 'k').equals(content)).toBe(true);
  });
});

function s3(service: FakeService, requestHandler: NodeHttpHandler | FetchHttpHandler): S3Client {
  const client = new S3Client({
    ...CONFIG,
    ...networkAware(network, { interruptAfter: 20 }),
    endpoint: service.endpoint,
    requestHandler,
  });
  clients.push(client);
  return client;
}

function get(client: S3Client, abortSignal = new AbortController().signal): Promise<GetObjectCommandOutput> {
  return client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k', ChecksumMode: 'ENABLED' }), { abortSignal });
}

async function textOf({ Body }: GetObjectCommandOutput): Promise<unknown> {
  return Body?.transformToString();
}

async function iterate({ Body }: GetObjectCommandOutput): Promise<void> {
  if (Body === undefined || !(Symbol.asyncIterator in Body)) return;
  for await (const chunk of Body) void chunk;
}
