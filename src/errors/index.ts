export { AttemptTimeoutError } from './attempt-timeout-error.js';
export { InvalidOptionError } from './invalid-option-error.js';
export { loadPackage } from './load-package.js';
export { MissingPackageError } from './missing-package-error.js';
export { MonitorStoppedError } from './monitor-stopped-error.js';
export { NetpauseError } from './netpause-error.js';
export { NetworkDownError } from './network-down-error.js';
export { OutageTimeoutError } from './outage-timeout-error.js';
export { isError, toError } from './to-error.js';
