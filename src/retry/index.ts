export { AbortError, type RetryContext } from 'p-retry';
export type { LogFunction, Logger, LogLevel, LogRecord, LogValue } from '../log/index.js';
export type { AttemptContext, Operation } from './attempt.js';
export { classifyFailure, type FailureClass } from './classify-failure.js';
export type {
  AttemptEvent,
  CallEvent,
  FailureEvent,
  PauseEvent,
  ResumeEvent,
  RetryerEvents,
  SettleEvent,
} from './events.js';
export type { NetworkSource } from './network-source.js';
export { type AttemptReport, type OutageReport, type RetryReport, retryReport } from './report.js';
export { createRetryer, makeRetriable, Retryer, retry } from './retryer.js';
export type { InterruptAfter, RetryOptions } from './settings.js';
