import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { networkAware } from '../../../../src/adapters/aws-sdk/index.js';
import { InvalidOptionError, NetworkDownError, OutageTimeoutError } from '../../../../src/errors/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { createS3Server, type S3Server } from '../../../fixtures/s3/index.js';
import {
  type Answer,
  BUCKET,
  beginAndHang,
  cut,
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

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

let network: SimulatedNetwork;

beforeEach(() => {
  network = new SimulatedNetwork();
});

afterEach(async () => {
  vi.useRealTimers();
  await nothingIsLeft(network);
});

describe('an S3 client', () => {
  let server: S3Server;
  const clients: S3Client[] = [];

  beforeEach(async () => {
    // Looked up each time, so that it goes by a clock that a test has replaced.
    server = await createS3Server({ now: () => Date.now() });
    await withBucket(server);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await server.close();
  });

  function client(config: ConstructorParameters<typeof S3Client>[0] = {}, options = {}): S3Client {
    const made = s3Client(server, { ...networkAware(network, { interruptAfter: 20, ...options }), ...config });
    clients.push(made);
    return made;
  }
  const put = (Body: string | Uint8Array | Readable = 'content') =>
    new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body });
  const puts = () => server.requests.filter(({ operation }) => operation === 'PutObject');

  it('waits while the network is down, and sends when it returns', async () => {
    network.down();
    const sending = client({ maxAttempts: 1 }).send(put());
    await until(() => network.waiters === 1);
    expect(puts()).toEqual([]);
    network.up();
    expect((await sending).$metadata.attempts).toBe(1);
    expect(stored(server, 'k').toString()).toBe('content');
  });

  it('ends a request that hangs when the network goes, and sends it again without spending an attempt', async () => {
    const release = server.hangNext({ operation: 'PutObject' });
    const sending = client({ maxAttempts: 1 }).send(put());
    await until(() => puts().length === 1);
    network.down();
    await until(() => network.waiters === 1);
    await until(() => puts()[0]?.outcome.kind === 'unanswered');
    network.up();
    expect((await sending).$metadata).toMatchObject({ attempts: 1, totalRetryDelay: 0 });
    release();
  });

  it('does so through one outage after the other', async () => {
    const release = server.hangNext({ operation: 'PutObject', times: 3 });
    const sending = client({ maxAttempts: 1 }).send(put());
    for (let outage = 1; outage <= 3; outage += 1) {
      await until(() => puts().length === outage);
      network.down();
      await until(() => network.waiters === 1);
      network.up();
    }
    expect((await sending).$metadata.attempts).toBe(1);
    release();
  });

  it('asks the network when a connection breaks, and does not spend an attempt on an outage that nobody had noticed', async () => {
    server.loseNextAnswer({ operation: 'PutObject' });
    network.downUnnoticed();
    const sending = client({ maxAttempts: 1 }).send(put());
    await until(() => network.waiters === 1);
    network.up();
    expect((await sending).$metadata.attempts).toBe(1);
  });

  it('leaves a connection that breaks on a healthy network to the SDK', async () => {
    server.loseNextAnswer({ operation: 'PutObject' });
    expect((await client().send(put())).$metadata.attempts).toBe(2);
    server.loseNextAnswer({ operation: 'PutObject' });
    await expect(client({ maxAttempts: 1 }).send(put())).rejects.toMatchObject({
      code: 'ECONNRESET',
      $metadata: { attempts: 1 },
    });
  });

  it('leaves what the server says to the SDK, by its own maxAttempts', async () => {
    server.failNext({ operation: 'PutObject', times: 2 });
    expect((await client().send(put())).$metadata.attempts).toBe(3);
    server.failNext({ operation: 'PutObject', times: 2 });
    await expect(client({ maxAttempts: 2 }).send(put())).rejects.toMatchObject({
      name: 'SlowDown',
      $metadata: { attempts: 2, httpStatusCode: 503 },
    });
  });

  it('leaves what the server says to the SDK also while the network is down', async () => {
    const release = server.hangNext({ operation: 'PutObject' });
    const sending = client({}, { interruptAfter: Number.POSITIVE_INFINITY }).send(put());
    await until(() => puts().length === 1);
    network.down();
    server.failNext({ operation: 'PutObject', status: 403, code: 'AccessDenied' });
    release();
    // It was served already: the hanging one is answered.
    expect((await sending).$metadata.attempts).toBe(1);
    const refused = client().send(put());
    network.up();
    await expect(refused).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('keeps your own retry strategy, which hears of everything but outages', async () => {
    const token = { getRetryCount: () => 0, getRetryDelay: () => 0 };
    const retryStrategy = {
      acquireInitialRetryToken: vi.fn(async () => token),
      refreshRetryTokenForRetry: vi.fn(async () => token),
      recordSuccess: vi.fn(),
    };
    const own = client({ retryStrategy });
    server.failNext({ operation: 'PutObject' });
    server.loseNextAnswer({ operation: 'PutObject' });
    network.down();
    const sending = own.send(put());
    await until(() => network.waiters === 1);
    network.up();
    await sending;
    expect(retryStrategy.refreshRetryTokenForRetry.mock.calls).toMatchObject([
      [token, { errorType: 'THROTTLING' }],
      [token, { errorType: 'TRANSIENT' }],
    ]);
    expect(retryStrategy.recordSuccess).toHaveBeenCalledOnce();
  });

  it('leaves the tokens of the SDK to failures of the server: outages take none', async () => {
    const frugal = client();
    for (let outage = 1; outage <= 5; outage += 1) {
      network.down();
      const sending = frugal.send(put());
      await until(() => network.waiters === 1);
      network.up();
      await sending;
    }
    server.failNext({ operation: 'PutObject', times: 1000, status: 500, code: 'InternalError' });
    const errors = await Promise.all(Array.from({ length: 30 }, () => rejection(frugal.send(put()))));
    const retries = errors.map((error) => Number(Object(error).$metadata.attempts) - 1);
    // Of its 500 tokens, 14 for each: 60 retries were wanted.
    expect(retries.reduce((sum, count) => sum + count)).toBe(35);
  });

  it('keeps the options of your request handler, and a handler of your own', async () => {
    const handler = new NodeHttpHandler();
    const handle = vi.spyOn(handler, 'handle');
    await client({ requestHandler: handler }).send(put());
    expect(handle).toHaveBeenCalledOnce();
    const release = server.hangNext({ operation: 'PutObject' });
    const impatient = client({ requestHandler: { requestTimeout: 20, throwOnRequestTimeout: true }, maxAttempts: 1 });
    await expect(impatient.send(put())).rejects.toMatchObject({ name: 'TimeoutError' });
    release();
  });

  it('stands beside extensions of your own, and is one however often it is given', async () => {
    const configure = vi.fn();
    const { extensions } = networkAware(network);
    network.down();
    const sending = client({ extensions: [...extensions, ...extensions, { configure }], maxAttempts: 1 }).send(put());
    await until(() => network.waiters === 1);
    network.up();
    await sending;
    expect(configure).toHaveBeenCalledOnce();
  });

  it('can be aborted while it waits, and leaves nothing behind that could be sent later', async () => {
    network.down();
    const abortion = new AbortController();
    const sending = client().send(put(), { abortSignal: abortion.signal });
    await until(() => network.waiters === 1);
    abortion.abort();
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
    await nothingIsLeft(network);
    network.up();
    await client().send(new HeadBucketCommand({ Bucket: BUCKET }));
    expect(puts()).toEqual([]);
  });

  it('can be aborted while it hangs', async () => {
    const release = server.hangNext({ operation: 'PutObject' });
    const abortion = new AbortController();
    const sending = client().send(put(), { abortSignal: abortion.signal });
    await until(() => puts().length === 1);
    abortion.abort();
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
    release();
  });

  it('can be aborted by a signal of the kind that the SDK had before Node had any', async () => {
    network.down();
    const signal: { aborted: boolean; onabort: (() => void) | null } = { aborted: false, onabort: null };
    const handler = client().config.requestHandler;
    const sending = Reflect.apply(handler.handle, handler, [
      { protocol: 'http:', hostname: '127.0.0.1', port: server.port, method: 'GET', headers: {}, path: '/' },
      { abortSignal: signal },
    ]);
    await until(() => network.waiters === 1);
    signal.onabort?.();
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('gives up after maxPause with what has failed, and does not have the SDK wait as long again', async () => {
    const onPause = vi.fn();
    network.down();
    const never = client({}, { maxPause: 10, onPause });
    await expect(never.send(put())).rejects.toBeInstanceOf(OutageTimeoutError);
    expect(onPause).toHaveBeenCalledOnce();
    network.up();
    server.loseNextAnswer({ operation: 'PutObject' });
    network.downUnnoticed();
    await expect(never.send(put())).rejects.toMatchObject({ code: 'ECONNRESET', $metadata: { attempts: 1 } });
    expect(onPause).toHaveBeenCalledTimes(2);
    network.up();
  });

  it('signs anew what it sends again, since a signature is good for minutes and an outage lasts as long as it lasts', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const credentials = vi.fn(async () => ({
      ...server.clientConfig.credentials,
      expiration: new Date(Date.now() + 1_800_000),
    }));
    const signing = client({ credentials, maxAttempts: 1 });
    network.down();
    const sending = signing.send(put());
    await until(() => network.waiters === 1);
    vi.setSystemTime(Date.now() + 3_600_000);
    network.up();
    expect((await sending).$metadata.attempts).toBe(1);
    // And with credentials of now: those of before had expired.
    expect(credentials).toHaveBeenCalledTimes(2);
  });

  it('keeps what your middleware has made of a request since it was signed', async () => {
    const traced = client();
    traced.middlewareStack.add(
      (next) => (args) => {
        Object.assign(Object(args.request).headers, { 'x-trace': 'one' });
        Reflect.deleteProperty(Object(args.request).headers, 'user-agent');
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const release = server.hangNext({ operation: 'HeadBucket', times: 2 });
    const handle = vi.spyOn(NodeHttpHandler.prototype, 'handle');
    const sending = traced.send(new HeadBucketCommand({ Bucket: BUCKET }));
    for (let outage = 1; outage <= 2; outage += 1) {
      await until(() => handle.mock.calls.length === outage);
      network.down();
      await until(() => network.waiters === 1);
      network.up();
    }
    await sending;
    release();
    const headers = handle.mock.calls.map(([request]) => request.headers);
    expect(headers.map((sent) => sent['x-trace'])).toEqual(['one', 'one', 'one']);
    expect(headers.some((sent) => 'user-agent' in sent)).toBe(false);
    handle.mockRestore();
  });

  it('can be aborted while the credentials for it are fetched anew', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const expiration = new Date(Date.now() + 1_800_000);
    const credentials = vi.fn(async () => ({ ...server.clientConfig.credentials, expiration }));
    const abortion = new AbortController();
    network.down();
    const sending = client({ credentials }).send(put(), { abortSignal: abortion.signal });
    await until(() => network.waiters === 1);
    vi.setSystemTime(Date.now() + 3_600_000);
    credentials.mockImplementation(() => new Promise(() => {}));
    network.up();
    await until(() => credentials.mock.calls.length === 2);
    abortion.abort();
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
    expect(puts()).toEqual([]);
  });

  it('signs anew also where a trial in the outage could not', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const valid = async () => ({
      ...server.clientConfig.credentials,
      expiration: new Date(Date.now() + 1_800_000),
    });
    const credentials = vi.fn(valid);
    const refused = Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH', syscall: 'connect' });
    network.down();
    const sending = client({ credentials, maxAttempts: 1 }, { trialInterval: 20 }).send(put());
    await until(() => network.waiters === 1);
    vi.setSystemTime(Date.now() + 3_600_000);
    credentials.mockRejectedValueOnce(refused);
    await until(() => credentials.mock.calls.length === 2 && network.waiters === 1);
    network.up();
    expect((await sending).$metadata.attempts).toBe(1);
  });

  it('sends unsigned what was not signed', async () => {
    await using service = await FakeService.start(hang, (_request, response) => response.end());
    const signer = { sign: async <Request>(request: Request) => request };
    const anonymous = client({ endpoint: service.endpoint, signer, maxAttempts: 1 });
    const sending = anonymous.send(new HeadBucketCommand({ Bucket: BUCKET }));
    await until(() => service.requests.length === 1);
    network.down();
    await until(() => network.waiters === 1);
    network.up();
    await sending;
    expect(service.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it('begins on new connections of your own agent too', async () => {
    const httpAgent = new Agent({ keepAlive: true });
    const own = client({ requestHandler: new NodeHttpHandler({ httpAgent }) });
    await own.send(new HeadBucketCommand({ Bucket: BUCKET }));
    const [idle] = Object.values(httpAgent.freeSockets).flat();
    network.down();
    const sending = own.send(new HeadBucketCommand({ Bucket: BUCKET }));
    await until(() => network.waiters === 1);
    network.up();
    await sending;
    expect(idle?.destroyed).toBe(true);
  });

  it('sends after destroy() what waited before it, as the SDK sends again what destroy() has cut', async () => {
    network.down();
    const destroyed = client();
    const sending = destroyed.send(put());
    await until(() => network.waiters === 1);
    destroyed.destroy();
    network.up();
    await sending;
  });

  it('sends a stream again of which nothing was read, since there was no connection', async () => {
    await server.stop();
    network.downUnnoticed();
    const Body = Readable.from([Buffer.from('content')]);
    const sending = client({ maxAttempts: 1, expectContinueHeader: true }).send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body, ContentLength: 7 }),
    );
    await until(() => network.waiters === 1);
    await server.start();
    network.up();
    await sending;
    expect(stored(server, 'k').toString()).toBe('content');
  });

  it('does not spend a stream on a trial in an outage', async () => {
    await server.stop();
    network.down();
    const patient = client({ maxAttempts: 1 }, { trialInterval: 5 });
    const handle = vi.spyOn(NodeHttpHandler.prototype, 'handle');
    const Body = Readable.from([Buffer.from('content')]);
    const sending = patient.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body, ContentLength: 7 }));
    const trying = patient.send(new HeadBucketCommand({ Bucket: BUCKET }));
    // What can be repeated has been tried, again and again.
    await until(() => handle.mock.calls.length >= 3);
    handle.mockRestore();
    await server.start();
    network.up();
    await Promise.all([sending, trying]);
    expect(stored(server, 'k').toString()).toBe('content');
  });

  it('waits with a stream before its first byte, and sends it signed anew', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    network.down();
    const sending = client({ maxAttempts: 1 }).send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'k',
        Body: Readable.from([Buffer.from('content')]),
        ContentLength: 7,
      }),
    );
    await until(() => network.waiters === 1);
    vi.setSystemTime(Date.now() + 3_600_000);
    network.up();
    await sending;
    expect(stored(server, 'k').toString()).toBe('content');
  });

  it('ends a stream that hangs when the network goes, and says so at once: what was read of it is gone', async () => {
    const release = server.hangNext({ operation: 'PutObject' });
    const Body = Readable.from([Buffer.from('content')]);
    const sending = client().send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body, ContentLength: 7 }));
    await until(() => puts().length === 1);
    network.down();
    expect(await rejection(sending)).toBeInstanceOf(NetworkDownError);
    expect(puts().length).toBe(1);
    release();
  });

  it('ends the reading of an object when the network goes', async () => {
    await using slow = await FakeService.start((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('begun');
    });
    const reading = client({ endpoint: slow.endpoint });
    const { Body } = await reading.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    const text = rejection(Body?.transformToString() ?? Promise.resolve());
    network.down();
    expect(await text).toBeInstanceOf(NetworkDownError);
  });

  it('neither ends nor repeats what must not be done twice, but waits before it', async () => {
    const release = server.hangNext({ operation: 'PutObject' });
    const once = client({ maxAttempts: 1 }, { idempotent: false });
    const sending = once.send(put());
    await until(() => puts().length === 1);
    network.down();
    const next = once.send(put('next'));
    await until(() => network.waiters === 1);
    release();
    await sending;
    network.up();
    await next;
    expect(puts().length).toBe(2);
  });
});

describe('each request', () => {
  const asked = (config: ConstructorParameters<typeof S3Client>[0], options = {}): Promise<readonly unknown[]> => {
    const target = vi.spyOn(network, 'target');
    const handle = vi.fn(async () => {
      throw Object.assign(new Error('not sent'), { name: 'NotSent' });
    });
    const client = new S3Client({
      ...networkAware(network, options),
      credentials: CREDENTIALS,
      region: 'eu-central-1',
      logger: SILENT,
      requestHandler: {
        handle,
        metadata: { handlerProtocol: 'http/1.1' },
        updateHttpClientConfig() {},
        httpHandlerConfigs: () => ({}),
      },
      ...config,
    });
    return rejection(client.send(new HeadBucketCommand({ Bucket: BUCKET }))).then(() => target.mock.calls[0] ?? []);
  };

  it.each([
    ['the host of the bucket', {}, 'bucket.s3.eu-central-1.amazonaws.com:443'],
    ['the host of the service, path-style', { forcePathStyle: true }, 's3.eu-central-1.amazonaws.com:443'],
    ['a custom endpoint', { endpoint: 'http://minio.test:9000', forcePathStyle: true }, 'minio.test:9000'],
    ['an address', { endpoint: 'http://[2001:db8::1]', forcePathStyle: true }, '[2001:db8::1]:80'],
  ])('is judged by its own destination: %s', async (_what, config, destination) => {
    expect((await asked(config))[0]).toBe(destination);
  });

  it('is judged by the proxy that it goes through, where that is said', async () => {
    expect(await asked({}, { via: 'proxy.test:3128' })).toMatchObject([expect.any(String), { via: 'proxy.test:3128' }]);
    vi.restoreAllMocks();
    const via = vi.fn(() => 'other.test:3128');
    expect(await asked({}, { via })).toMatchObject([expect.any(String), { via: 'other.test:3128' }]);
    expect(via).toHaveBeenCalledWith('bucket.s3.eu-central-1.amazonaws.com:443');
  });
});

// Small JSON answers, as of DynamoDB and SQS, on loopback.
describe('other clients', () => {
  const SENT = { MD5OfMessageBody: '9a0364b9e99bb480dd25e1f0284c8555', MessageId: 'one' };

  function dynamo(service: FakeService, options = {}): DynamoDBClient {
    return new DynamoDBClient({
      ...networkAware(network, { interruptAfter: 20, ...options }),
      endpoint: service.endpoint,
      region: 'eu-central-1',
      credentials: CREDENTIALS,
      logger: SILENT,
      maxAttempts: 2,
    });
  }
  const putItem = new PutItemCommand({ TableName: 't', Item: { id: { S: '1' } } });

  it('DynamoDB: waits, is ended and repeated, and spends nothing', async () => {
    await using service = await FakeService.start(hang, json({}));
    const client = dynamo(service);
    const sending = client.send(putItem);
    await until(() => service.requests.length === 1);
    network.down();
    await until(() => network.waiters === 1);
    network.up();
    expect((await sending).$metadata.attempts).toBe(1);
    expect(service.requests[1]?.body).toBe(service.requests[0]?.body);
    client.destroy();
  });

  it('SQS: waits, is ended and repeated, and spends nothing', async () => {
    await using service = await FakeService.start(hang, json(SENT));
    const client = new SQSClient({
      ...networkAware(network, { interruptAfter: 20 }),
      endpoint: service.endpoint,
      region: 'eu-central-1',
      credentials: CREDENTIALS,
      logger: SILENT,
      maxAttempts: 1,
    });
    const sending = client.send(
      new SendMessageCommand({ QueueUrl: `${service.endpoint}/1/queue`, MessageBody: 'content' }),
    );
    await until(() => service.requests.length === 1);
    network.down();
    await until(() => network.waiters === 1);
    network.up();
    expect(await sending).toMatchObject({ MessageId: 'one', $metadata: { attempts: 1 } });
    client.destroy();
  });

  it('go by the rules of the SDK where the network is there', async () => {
    const throttled = json({ __type: 'ThrottlingException' }, 400);
    await using service = await FakeService.start(throttled, json({}), throttled);
    const client = dynamo(service);
    expect((await client.send(putItem)).$metadata.attempts).toBe(2);
    await expect(client.send(putItem)).rejects.toMatchObject({
      name: 'ThrottlingException',
      $metadata: { attempts: 2 },
    });
    client.destroy();
  });

  it('hand on how long the server asked them to wait', async () => {
    await using service = await FakeService.start(json({}, 503, { 'retry-after': '1' }), json({}));
    const token = { getRetryCount: () => 0, getRetryDelay: () => 0 };
    const refreshRetryTokenForRetry = vi.fn(async (_token: object, _info: object) => token);
    const client = new DynamoDBClient({
      ...networkAware(network),
      endpoint: service.endpoint,
      region: 'eu-central-1',
      credentials: CREDENTIALS,
      logger: SILENT,
      retryStrategy: { acquireInitialRetryToken: async () => token, refreshRetryTokenForRetry, recordSuccess() {} },
    });
    await client.send(putItem);
    expect(refreshRetryTokenForRetry.mock.calls[0]?.[1]).toMatchObject({ retryAfterHint: expect.any(Date) });
    client.destroy();
  });

  it.each([
    ['is ended with the network', beginAndHang('{"Att'), async () => network.down()],
    [
      'breaks with it',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{"Att');
        network.down('unreachable');
        setImmediate(() => response.destroy());
      },
      async () => {},
    ],
    [
      'breaks, and the network is found to be gone',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{"Att');
        network.downUnnoticed();
        setImmediate(() => response.destroy());
      },
      async () => {},
    ],
  ] satisfies [string, Answer, () => Promise<void>][])(
    'repeat the call whose answer %s, and spend nothing',
    async (_what, answer, lose) => {
      await using service = await FakeService.start(answer, json({}));
      const client = dynamo(service, { interruptAfter: 20 });
      const sending = client.send(putItem);
      await until(() => service.requests.length === 1);
      await lose();
      await until(() => network.waiters === 1);
      network.up();
      expect((await sending).$metadata.attempts).toBe(1);
      client.destroy();
    },
  );

  it('repeat such a call no more often than maxOutages', async () => {
    await using service = await FakeService.start(beginAndHang('{"Att'));
    const client = dynamo(service, { maxOutages: 2 });
    const sending = rejection(client.send(putItem));
    for (let outage = 1; outage <= 3; outage += 1) {
      await until(() => service.requests.length === outage && network.tracked > 0);
      network.down();
      // By then the answer has been given up; the last time for good.
      await (outage <= 2 ? until(() => network.waiters === 1) : sending);
      network.up();
    }
    expect(await sending).toMatchObject({ code: 'ERR_NETPAUSE_NETWORK_DOWN' });
    expect(service.requests.length).toBe(3);
    client.destroy();
  });

  it('begin after an outage on new connections, not on those of before', async () => {
    await using service = await FakeService.start(json({}));
    const client = dynamo(service);
    await client.send(putItem);
    await client.send(putItem);
    network.down();
    const sending = client.send(putItem);
    await until(() => network.waiters === 1);
    network.up();
    await sending;
    const [first, second, third] = service.requests.map(({ socket }) => socket);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    client.destroy();
  });

  it('reach a host at its last address while its name cannot be looked up', async () => {
    await using service = await FakeService.start(json({}));
    const failure = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' });
    type Found = (
      error: Error | null,
      addresses: readonly { readonly address: string; readonly family: number }[],
    ) => void;
    let resolver: 'alive' | 'dead' = 'alive';
    const lookup = (_name: string, _options: unknown, found: Found): void => {
      if (resolver === 'alive') found(null, [{ address: '127.0.0.1', family: 4 }]);
      else found(failure, []);
    };
    const client = new DynamoDBClient({
      ...networkAware(network),
      endpoint: `http://dynamo.test:${service.port}`,
      region: 'eu-central-1',
      credentials: CREDENTIALS,
      logger: SILENT,
      maxAttempts: 1,
      requestHandler: { httpAgent: { keepAlive: false, lookup } },
    });
    await client.send(putItem);
    resolver = 'dead';
    expect((await client.send(putItem)).$metadata.attempts).toBe(1);
    expect(service.requests[1]?.headers.host).toBe(`dynamo.test:${service.port}`);
    client.destroy();
  });

  it('fail where a name could never be looked up', async () => {
    const client = new DynamoDBClient({
      ...networkAware(network),
      endpoint: 'http://dynamo.test:1',
      region: 'eu-central-1',
      credentials: CREDENTIALS,
      logger: SILENT,
      maxAttempts: 1,
      requestHandler: {
        httpAgent: {
          lookup: (_name: string, _options: unknown, found: (error: Error) => void) =>
            found(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' })),
        },
      },
    });
    await expect(client.send(putItem)).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    client.destroy();
  });

  it('tell the log what they do, by host and without path or query', async () => {
    await using service = await FakeService.start(cut, json({}));
    const records: string[] = [];
    const client = dynamo(service, {
      logger: ({ fields }: { fields: { operation?: string } }) => records.push(fields.operation ?? ''),
    });
    await client.send(putItem);
    expect(new Set(records)).toEqual(new Set(['POST 127.0.0.1']));
    client.destroy();
  });
});

describe('what it is given', () => {
  it.each([[{ retries: 3 }], [{ via: '' }], [{ maxPause: -1 }], [{ interruptAfter: 'soon' }], [{ mark: -1 }]])(
    'refuses the options %o',
    (options) => {
      expect(() => Reflect.apply(networkAware, undefined, [network, options])).toThrow(InvalidOptionError);
    },
  );

  it('refuses what is no network', () => {
    expect(() => Reflect.apply(networkAware, undefined, [{ logger: console }])).toThrow(InvalidOptionError);
  });

  it('refuses to extend what is no client', () => {
    expect(() => networkAware(network).extensions[0]?.configure({})).toThrow(InvalidOptionError);
  });

  it('refuses to extend a client so old that it would be without effect', () => {
    const old = { httpHandler() {}, setHttpHandler() {}, retryStrategy() {}, setRetryStrategy() {} };
    expect(() => networkAware(network).extensions[0]?.configure(old)).toThrow(/3\.731/);
  });
});
