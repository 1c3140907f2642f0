import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import {
  type Context,
  type ContextManager,
  context,
  ROOT_CONTEXT,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { type OpenTelemetrySpan, type OpenTelemetryTracer, traceRetryer } from '../../../src/observe/index.js';
import { createRetryer, type Retryer } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { expectNothingLeft, holdTime, Manual, networkError, pass, turn, watch } from '../retry/support.js';

/** As in @opentelemetry/context-async-hooks, which every Node.js service with OpenTelemetry has. */
class LocalContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<Args extends unknown[], Fn extends (...args: Args) => ReturnType<Fn>>(
    active: Context,
    fn: Fn,
    thisArg?: ThisParameterType<Fn>,
    ...args: Args
  ): ReturnType<Fn> {
    return this.#storage.run(active, () => Reflect.apply(fn, thisArg, args));
  }

  bind<Target>(_context: Context, target: Target): Target {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}

let finished: ReadableSpan[];
let tracer: Tracer;
let network: SimulatedNetwork;
let retryer: Retryer;

beforeEach(() => {
  holdTime();
  finished = [];
  const processor = {
    onStart: () => {},
    onEnd: (span: ReadableSpan) => void finished.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  context.setGlobalContextManager(new LocalContextManager());
  trace.setGlobalTracerProvider(provider);
  tracer = provider.getTracer('test');
  network = new SimulatedNetwork();
  retryer = createRetryer({ network, name: 'upload', retries: 1, minTimeout: 0 });
});

afterEach(() => {
  trace.disable();
  context.disable();
  expectNothingLeft(network);
  vi.useRealTimers();
});

describe('the span of a call', () => {
  it('tells what the call went through', async () => {
    await traceRetryer(retryer, { tracer });
    const manual = new Manual();
    const call = watch(retryer.run(manual.operation));
    await turn();
    network.down();
    manual.last.reject(networkError());
    await pass(3_000);
    network.up();
    await pass(20);
    manual.last.reject(new Error('the server'));
    await pass(1);
    manual.last.resolve('done');
    await call.promise;
    const [span] = finished;
    expect(span).toMatchObject({
      name: 'upload',
      attributes: { 'netpause.operation': 'upload', 'netpause.attempts': 2, 'netpause.outages': 1 },
      status: { code: SpanStatusCode.UNSET },
      ended: true,
    });
    expect(span?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        'attempt failed',
        {
          'netpause.attempt': 1,
          'netpause.trial': false,
          'netpause.spent': false,
          'error.type': 'ECONNRESET',
          'error.message': 'ECONNRESET (test)',
        },
      ],
      ['paused', { 'netpause.attempt': 1, 'netpause.reason': 'no-carrier' }],
      ['resumed', { 'netpause.attempt': 1, 'netpause.reason': 'no-carrier', 'netpause.pause.duration': 3 }],
      ['attempt failed', expect.objectContaining({ 'netpause.spent': true, 'error.message': 'Error: the server' })],
    ]);
  });

  it('says how the call failed, without what is secret in it, and leaves the error as it is', async () => {
    await traceRetryer(retryer, { tracer });
    const error = Object.assign(new Error('GET https://ada:secret@example.com/?t=1 failed'), { status: 403 });
    await expect(retryer.run(() => Promise.reject(error), { retries: 0 })).rejects.toBe(error);
    expect(finished[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'Error: GET https://example.com/?… failed' },
      attributes: { 'error.type': 'Error' },
      ended: true,
    });
  });

  it('ends with a call that never began', async () => {
    await traceRetryer(retryer, { tracer });
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(retryer.run(() => 'done', { signal })).rejects.toThrow('too late');
    expect(finished).toMatchObject([{ status: { code: SpanStatusCode.ERROR }, ended: true }]);
  });

  it('is the parent of what the operation does, and the child of what called it', async () => {
    await traceRetryer(retryer, { tracer });
    let attempts = 0;
    await tracer.startActiveSpan('request', async (request) => {
      await retryer.run(async () => {
        attempts += 1;
        const own = tracer.startSpan(`PUT ${attempts}`);
        await new Promise((resolve) => setImmediate(resolve));
        own.end();
        if (attempts === 1) throw new Error('the server');
      });
      request.end();
    });
    const parents = Object.fromEntries(
      finished.map((span) => [
        span.name,
        finished.find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId)?.name,
      ]),
    );
    expect(parents).toEqual({ 'PUT 1': 'upload', 'PUT 2': 'upload', upload: 'request', request: undefined });
  });

  it('goes with the operation through a pause, however many wait together', async () => {
    await traceRetryer(retryer, { tracer });
    network.down();
    const names = ['one', 'two', 'three'];
    const calls = names.map((name) => watch(retryer.run(() => tracer.startSpan(`PUT ${name}`).end(), { name })));
    await pass(1_000);
    network.up();
    await pass(100);
    await Promise.all(calls.map(({ promise }) => promise));
    for (const name of names) {
      const parent = finished.find((span) => span.name === name);
      const child = finished.find((span) => span.name === `PUT ${name}`);
      expect(child?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
      expect(parent?.events.map((event) => event.name)).toEqual(['paused', 'resumed']);
    }
  });

  it('covers wrapped functions too', async () => {
    await traceRetryer(retryer, { tracer });
    await retryer.wrap(() => 'done')();
    expect(finished.map(({ name }) => name)).toEqual(['upload']);
  });

  it('has a name of its own where the operation has none', async () => {
    const nameless = createRetryer({ network });
    await traceRetryer(nameless, { tracer });
    await nameless.run(() => 'done');
    expect(finished[0]).toMatchObject({ name: 'netpause.run', attributes: { 'netpause.attempts': 1 } });
  });

  it('is made no more after detaching, and ends all the same where it was made', async () => {
    const detach = await traceRetryer(retryer, { tracer });
    const manual = new Manual();
    const call = watch(retryer.run(manual.operation));
    await turn();
    detach();
    await retryer.run(() => 'done');
    manual.last.resolve('done');
    await call.promise;
    expect(finished).toHaveLength(1);
    expect(finished[0]?.attributes['netpause.attempts']).toBe(1);
  });
});

describe('a trace that fails', () => {
  const broken = (): never => {
    throw new Error('a bug in the tracer');
  };
  let warned: MockInstance<typeof process.emitWarning>;

  beforeEach(() => {
    warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  });

  afterEach(() => warned.mockRestore());

  it('leaves the error of the operation as it is, whatever that has for a message', async () => {
    await traceRetryer(retryer, { tracer });
    const error = Object.assign(new Error('x'), { message: { status: 503 } });
    await expect(retryer.run(() => Promise.reject(error), { retries: 0 })).rejects.toBe(error);
    expect(finished).toMatchObject([{ status: { message: 'Error: { status: 503 }' }, ended: true }]);
    expect(warned).not.toHaveBeenCalled();
  });

  it('leaves an error that cannot be read as it is, and ends the span', async () => {
    await traceRetryer(retryer, { tracer });
    const error = Object.assign(new Error('x'), { message: { [inspect.custom]: broken } });
    await expect(retryer.run(() => Promise.reject(error), { retries: 0 })).rejects.toBe(error);
    expect(finished).toMatchObject([{ ended: true }]);
    expect(warned).toHaveBeenCalled();
  });

  it('changes nothing of how the call ends where the span throws', async () => {
    const span = { addEvent: broken, setAttributes: broken, setStatus: broken, end: vi.fn(broken) };
    await traceRetryer(retryer, { tracer: { startActiveSpan: (_name, _options, run) => run(span) } });
    const error = new Error('the server');
    await expect(retryer.run(() => 'done')).resolves.toBe('done');
    await expect(retryer.run(() => Promise.reject(error), { retries: 0 })).rejects.toBe(error);
    expect(span.end).toHaveBeenCalledTimes(2);
    expect(warned).toHaveBeenCalled();
  });

  it.each<[string, OpenTelemetryTracer['startActiveSpan']]>([
    ['throws before', broken],
    [
      'throws after',
      (_name, _options, run) => {
        run(NO_SPAN);
        return broken();
      },
    ],
    [
      'makes two of',
      (_name, _options, run) => {
        run(NO_SPAN);
        return run(NO_SPAN);
      },
    ],
  ])('runs the operation once where the tracer %s it', async (_what, startActiveSpan) => {
    await traceRetryer(retryer, { tracer: { startActiveSpan } });
    const operation = vi.fn(() => 'done');
    await expect(retryer.run(operation)).resolves.toBe('done');
    expect(operation).toHaveBeenCalledOnce();
  });

  it('runs the operation where the tracer is late, and ends the span that comes then', async () => {
    const end = vi.fn();
    let startSpan = (): unknown => undefined;
    const startActiveSpan = (_name: string, _options: object, run: (span: OpenTelemetrySpan) => unknown): never => {
      startSpan = () => run({ ...NO_SPAN, end });
      return broken();
    };
    await traceRetryer(retryer, { tracer: { startActiveSpan } });
    const operation = vi.fn(() => 'done');
    await expect(retryer.run(operation)).resolves.toBe('done');
    await startSpan();
    expect(operation).toHaveBeenCalledOnce();
    expect(end).toHaveBeenCalledOnce();
  });

  it('tells no tracer of a rejection that it would have to handle', async () => {
    const told = vi.fn();
    await traceRetryer(retryer, {
      tracer: {
        startActiveSpan: (_name, _options, run) => {
          const result = run(NO_SPAN);
          Promise.resolve(result).then(() => told('over'), told);
          return result;
        },
      },
    });
    await expect(retryer.run(() => Promise.reject(new Error('x')), { retries: 0 })).rejects.toThrow('x');
    await turn();
    expect(told.mock.calls).toEqual([['over']]);
    expect(warned).not.toHaveBeenCalled();
  });
});

const NO_SPAN: OpenTelemetrySpan = { addEvent() {}, setAttributes() {}, setStatus() {}, end() {} };

describe('traceRetryer', () => {
  it('finds the registered tracer provider where it is given no tracer', async () => {
    await traceRetryer(retryer);
    await retryer.run(() => 'done');
    expect(finished).toHaveLength(1);
  });

  it('refuses what is no retryer, and options that do not exist', async () => {
    await expect(traceRetryer(JSON.parse('{}'))).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(traceRetryer(retryer, JSON.parse('{"tracer": {}}'))).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(traceRetryer(retryer, JSON.parse('{"meter": {}}'))).rejects.toBeInstanceOf(InvalidOptionError);
  });
});
