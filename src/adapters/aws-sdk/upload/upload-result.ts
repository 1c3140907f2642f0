import { type S3Output, textIn } from './object-calls.js';

/** What there is at the end of an upload, under the SDK's names. */
export interface UploadResult {
  /** As it was asked for. */
  readonly Bucket: string;
  /** As it was asked for. */
  readonly Key: string;
  /** With its quotation marks, as S3 gives it. */
  readonly ETag: string | undefined;
  /** In a bucket that keeps versions. */
  readonly VersionId: string | undefined;
  /** Base64; of an object in parts with their number behind it. */
  readonly ChecksumCRC32: string | undefined;
  /** Where that was asked for. */
  readonly ChecksumSHA256: string | undefined;
  /** How many parts were sent; 0 for a single PutObject. */
  readonly partsSent: number;
  /** How many parts the server had already from an earlier upload. */
  readonly partsKept: number;
}

export function resultOf(
  { Bucket, Key }: { readonly Bucket: string; readonly Key: string },
  output: S3Output,
  counts: Pick<UploadResult, 'partsSent' | 'partsKept'>,
): UploadResult {
  return {
    Bucket,
    Key,
    ETag: textIn(output, 'ETag'),
    VersionId: textIn(output, 'VersionId'),
    ChecksumCRC32: textIn(output, 'ChecksumCRC32'),
    ChecksumSHA256: textIn(output, 'ChecksumSHA256'),
    ...counts,
  };
}
