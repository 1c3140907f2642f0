import type { FileIdentity } from './body.js';
import type { ChecksumAlgorithm } from './checksum.js';
import type { UploadState } from './state-file.js';

/** What an upload of now is to be. */
export interface Wanted {
  readonly file: FileIdentity | undefined;
  readonly algorithm: ChecksumAlgorithm;
  readonly paramsHash: string;
}

/**
 * Whether an upload that was left is one of the same file, as it was then, to the same object. What has been sent of it is held against the bytes
 * of now all the same.
 */
export function isSameUpload(state: UploadState, { file, algorithm, paramsHash }: Wanted): boolean {
  return (
    file !== undefined &&
    state.file.path === file.path &&
    state.file.size === file.size &&
    state.file.modified === file.modified &&
    state.checksumAlgorithm === algorithm &&
    state.paramsHash === paramsHash
  );
}
