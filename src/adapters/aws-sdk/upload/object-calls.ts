import type { Retryer } from '../../../retry/index.js';
import { loadCommonJsPeer } from '../../shared/load-peer.js';

/** A client of `@aws-sdk/client-s3`, by shape. */
export interface S3ClientLike {
  /** Its resolved configuration. */
  readonly config: object;
  /** Sends a command. */
  send(command: never, options?: never): Promise<unknown>;
}

/** The operations that an upload is made of, as the SDK names their commands. */
export type Operation =
  | 'AbortMultipartUpload'
  | 'CompleteMultipartUpload'
  | 'CreateMultipartUpload'
  | 'HeadObject'
  | 'ListMultipartUploads'
  | 'ListParts'
  | 'PutObject'
  | 'UploadPart';

/** An answer, or what is left of one that a server has answered badly: whatever it has has to be looked at before it is used. */
export type S3Output = Readonly<Record<string, unknown>>;

/** Calls about one object, each repeated by the retryer's options. */
export class ObjectCalls {
  readonly #client: S3ClientLike;
  readonly #retryer: Retryer;
  readonly #object: S3Output;

  /** @param object what goes with every call: bucket, key, and whose they are. */
  constructor(client: S3ClientLike, retryer: Retryer, object: S3Output) {
    this.#client = client;
    this.#retryer = retryer;
    this.#object = object;
  }

  /** One call, as often as it takes. */
  async repeat(operation: Operation, input: S3Output, signal: AbortSignal): Promise<S3Output> {
    return this.repeatAll(operation, (signal) => this.once(operation, input, signal), signal);
  }

  /** Several calls that belong together, as often as it takes. */
  async repeatAll<Value>(
    name: Operation,
    attempt: (signal: AbortSignal) => Promise<Value>,
    signal: AbortSignal,
  ): Promise<Value> {
    return this.#retryer.run((_attemptNumber, context) => attempt(context.signal), { name, signal });
  }

  async once(operation: Operation, input: S3Output, signal: AbortSignal): Promise<S3Output> {
    const command = await commandOf(operation, { ...this.#object, ...input });
    const output: unknown = await Reflect.apply(this.#client.send, this.#client, [command, { abortSignal: signal }]);
    return typeof output === 'object' && output !== null ? Object.fromEntries(Object.entries(output)) : {};
  }
}

/** A value of an answer, where it is there and a text. */
export function textIn(output: S3Output, name: string): string | undefined {
  const value = output[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The objects in a list of an answer; an empty list may be left out. */
export function listIn(output: S3Output, name: string): readonly S3Output[] {
  const value = output[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

/** Loaded when there is something to upload, and not where the library is only imported. */
async function commandOf(operation: Operation, input: S3Output): Promise<object> {
  const sdk = await loadCommonJsPeer('@aws-sdk/client-s3', 'netpause/aws-sdk', () => import('@aws-sdk/client-s3'));
  const constructors = {
    AbortMultipartUpload: sdk.AbortMultipartUploadCommand,
    CompleteMultipartUpload: sdk.CompleteMultipartUploadCommand,
    CreateMultipartUpload: sdk.CreateMultipartUploadCommand,
    HeadObject: sdk.HeadObjectCommand,
    ListMultipartUploads: sdk.ListMultipartUploadsCommand,
    ListParts: sdk.ListPartsCommand,
    PutObject: sdk.PutObjectCommand,
    UploadPart: sdk.UploadPartCommand,
  };
  return Reflect.construct(constructors[operation], [input]);
}
