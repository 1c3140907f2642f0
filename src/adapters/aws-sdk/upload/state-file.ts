import { open, readFile, rename, rm } from 'node:fs/promises';
import { isError } from '../../../errors/index.js';
import type { FileIdentity } from './body.js';
import type { ChecksumAlgorithm } from './checksum.js';
import { LARGEST_PART, SMALLEST_PART } from './part-size.js';
import { StateFileError } from './state-file-error.js';

/**
 * What has to outlive the process so that an upload can go on: its id, and what it is an upload of. Not its parts, of which the server knows
 * which it has; and no secret.
 */
export interface UploadState {
  readonly version: 1;
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly partSize: number;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  readonly file: FileIdentity;
  /** Of all that the object is to be beside its content; another one is another object. */
  readonly paramsHash: string;
}

/**
 * The state, or `undefined` where there is none.
 *
 * @throws {StateFileError} where the file holds something else.
 */
export async function readState(path: string): Promise<UploadState | undefined> {
  const text = await contentOf(path);
  if (text === undefined) return undefined;
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (error) {
    throw new StateFileError(path, 'holds no state of an upload', { cause: error });
  }
  if (!isState(state)) throw new StateFileError(path, 'holds no state of an upload');
  return state;
}

/** Writes it as a whole or not at all, for the owner's eyes only. */
export async function writeState(path: string, state: UploadState): Promise<void> {
  // One name, so that a draft of a process that was killed does not stay for ever.
  const draft = `${path}.tmp`;
  await rm(draft, { force: true });
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(state)}\n`);
      // Or the name could outlive a power failure, and the content not.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

export async function removeState(path: string): Promise<void> {
  await rm(path, { force: true });
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isError(error) && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isState(value: unknown): value is UploadState {
  if (typeof value !== 'object' || value === null) return false;
  const { version, file, partSize } = fields(value);
  return (
    version === 1 &&
    ['bucket', 'key', 'uploadId', 'checksumAlgorithm', 'paramsHash'].every(
      (name) => typeof fields(value)[name] === 'string',
    ) &&
    Number.isInteger(partSize) &&
    Number(partSize) >= SMALLEST_PART &&
    Number(partSize) <= LARGEST_PART &&
    typeof file === 'object' &&
    file !== null &&
    typeof fields(file)['path'] === 'string' &&
    typeof fields(file)['size'] === 'number' &&
    typeof fields(file)['modified'] === 'string'
  );
}

function fields(value: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value));
}
