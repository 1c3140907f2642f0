import { InvalidOptionError, loadPackage } from '../errors/index.js';
import { callSafely } from '../events/index.js';
import { describeError, errorType, plainText } from '../log/index.js';
import { checkOptions, type OptionRules, objectWith } from '../options/index.js';
import type { FailureEvent, PauseEvent, ResumeEvent, Retryer, SettleEvent } from '../retry/index.js';
import { hasMethods } from './measure.js';

/**
 * A tracer of OpenTelemetry, as far as it is needed: this and the types below mirror the parts of @opentelemetry/api that are used, so that
 * netpause's own types need no such package.
 */
export interface OpenTelemetryTracer {
  /** Starts a span, and calls a function with the span active. */
  startActiveSpan<Result>(
    name: string,
    options: { attributes: OpenTelemetryAttributes },
    run: (span: OpenTelemetrySpan) => Result,
  ): Result;
}

/** A span of OpenTelemetry, as far as it is needed. */
export interface OpenTelemetrySpan {
  /** Adds something that happened now. */
  addEvent(name: string, attributes: OpenTelemetryAttributes): unknown;
  /** Adds attributes; one of a name that is there already takes its place. */
  setAttributes(attributes: OpenTelemetryAttributes): unknown;
  /** Says how it went: the code is a `SpanStatusCode` of @opentelemetry/api. */
  setStatus(status: { code: number; message?: string }): unknown;
  /** Ends the span now. */
  end(): void;
}

/** Names and values. */
export interface OpenTelemetryAttributes {
  [name: string]: string | number | boolean;
}

/** Where the spans are made. */
export interface TraceOptions {
  /**
   * What makes the spans.
   *
   * @default the tracer `netpause` of the tracer provider that is registered with @opentelemetry/api when this is called
   */
  readonly tracer?: OpenTelemetryTracer | undefined;
}

/**
 * Makes a span of every call of a retryer that starts from now on, from its first attempt to its end, with all attempts, backoffs and pauses.
 * It is named by the operation, and has an event for each attempt that failed, each pause and each resumption. The operation runs with the
 * span active, so that the spans of its own requests become children of it.
 *
 * @returns a function that ends this; calls that have started keep their spans.
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 * @throws {MissingPackageError} where no tracer is given and @opentelemetry/api is not installed.
 *
 * @example
 * const detach = await traceRetryer(retryer);
 */
export async function traceRetryer(retryer: Retryer, options: TraceOptions = {}): Promise<() => void> {
  if (!RETRYER.accepts(retryer)) throw new InvalidOptionError('traceRetryer: retryer', retryer, RETRYER.allowed);
  checkOptions('traceRetryer', options, RULES);
  const tracer = options.tracer ?? (await defaultTracer());
  return retryer.follow((name) => new CallTrace(tracer, name));
}

const RETRYER = objectWith('a Retryer', (value) => hasMethods(value, ['run', 'follow']));

const RULES: OptionRules<TraceOptions> = {
  tracer: objectWith('a tracer of OpenTelemetry', (value) => hasMethods(value, ['startActiveSpan'])),
};

async function defaultTracer(): Promise<OpenTelemetryTracer> {
  const { trace } = await loadPackage('@opentelemetry/api', 'traceRetryer', () => import('@opentelemetry/api'));
  return trace.getTracer('netpause');
}

/** One call as a span. */
class CallTrace {
  readonly #tracer: OpenTelemetryTracer;
  readonly #name: string | undefined;
  #span: OpenTelemetrySpan | undefined;

  constructor(tracer: OpenTelemetryTracer, name: string | undefined) {
    this.#tracer = tracer;
    this.#name = name;
  }

  /** The call runs once and ends as it ends, whatever the tracer does; a tracer that throws becomes a process warning. */
  run<Value>(call: () => Promise<Value>): Promise<Value> {
    const name = this.#name === undefined ? undefined : plainText(this.#name);
    const attributes = name === undefined ? {} : { 'netpause.operation': name };
    let running: Promise<Value> | undefined;
    const runOnce = (): Promise<Value> => {
      running ??= call();
      return running;
    };
    callSafely(() =>
      this.#tracer.startActiveSpan(name ?? 'netpause.run', { attributes }, (span) => {
        this.#span = span;
        // The tracer gets a promise that never rejects: the failure is the caller's to handle, and the status tells of it.
        return runOnce().then(
          () => endSpan(span),
          (error: unknown) => failSpan(span, error),
        );
      }),
    );
    return runOnce();
  }

  failure({ attemptNumber, error, isTrial, spent }: FailureEvent): void {
    this.#span?.addEvent('attempt failed', {
      'netpause.attempt': attemptNumber,
      'netpause.trial': isTrial,
      'netpause.spent': spent,
      'error.type': errorType(error),
      'error.message': plainText(describeError(error)),
    });
  }

  pause({ attemptNumber, reason }: PauseEvent): void {
    this.#span?.addEvent('paused', { 'netpause.attempt': attemptNumber, 'netpause.reason': reason ?? 'unknown' });
  }

  resume({ attemptNumber, duration, reason }: ResumeEvent): void {
    this.#span?.addEvent('resumed', {
      'netpause.attempt': attemptNumber,
      'netpause.reason': reason ?? 'unknown',
      'netpause.pause.duration': duration / 1_000,
    });
  }

  settle({ attemptNumber, outages }: SettleEvent): void {
    this.#span?.setAttributes({ 'netpause.attempts': attemptNumber, 'netpause.outages': outages });
  }
}

function failSpan(span: OpenTelemetrySpan, error: unknown): void {
  callSafely(() => span.setAttributes({ 'error.type': errorType(error) }));
  callSafely(() => span.setStatus({ code: STATUS_ERROR, message: plainText(describeError(error)) }));
  endSpan(span);
}

function endSpan(span: OpenTelemetrySpan): void {
  callSafely(() => span.end());
}

/** SpanStatusCode.ERROR of @opentelemetry/api, which need not be there where a tracer is given. */
const STATUS_ERROR = 2;
