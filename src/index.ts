export {
  AttemptTimeoutError,
  InvalidOptionError,
  MonitorStoppedError,
  NetpauseError,
  NetworkDownError,
  OutageTimeoutError,
} from './errors/index.js';
export * from './monitor/index.js';
export * from './presets/index.js';
export * from './retry/index.js';
