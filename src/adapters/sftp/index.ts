export { ConnectionLostError } from './connection-lost-error.js';
export { HostKeyError, type HostKeyProblem } from './host-key-error.js';
export type {
  DirectoryEntry,
  DirectoryEvent,
  DirectoryOptions,
  DirectoryResult,
  OperationOptions,
  SftpConnectConfig,
  SftpOptions,
  TransferOptions,
  TransferProgress,
  TransferResult,
  Verify,
} from './options.js';
export { createSftp, Sftp } from './sftp.js';
export { SftpClosedError } from './sftp-closed-error.js';
export { SourceChangedError } from './source-changed-error.js';
export { TransferMismatchError } from './transfer-mismatch-error.js';
export { UnsafePathError } from './unsafe-path-error.js';
