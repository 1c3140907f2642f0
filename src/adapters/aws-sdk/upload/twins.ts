import { listIn, type ObjectCalls, type S3Output, textIn } from './object-calls.js';

/** When a server writes down that an upload began, it may round to seconds. Milliseconds. */
const ROUNDING = 1_000;

/**
 * Takes away uploads that were created by us without our knowledge: CreateMultipartUpload had to be sent again because its answer was lost, and whose
 * answer was lost, S3 has done all the same. Nothing says of such an upload whose it is; it is taken for ours where it is for the same key, began
 * while we were asking, and has no part.
 *
 * Nobody is told where this fails: it may not be allowed, or the server cannot list uploads. A lifecycle rule takes them away some day.
 *
 * @param id our own upload.
 * @param askedFor how long we were asking, in milliseconds.
 */
export async function removeTwins(
  calls: ObjectCalls,
  { key, id, askedFor }: { readonly key: string; readonly id: string; readonly askedFor: number },
  signal: AbortSignal,
): Promise<void> {
  try {
    const uploads = listIn(await calls.once('ListMultipartUploads', { Prefix: key }, signal), 'Uploads');
    for (const twin of twinsIn(uploads, key, id, askedFor)) {
      const { Parts = [] } = await calls.once('ListParts', { UploadId: twin, MaxParts: 1 }, signal);
      if (Array.isArray(Parts) && Parts.length === 0)
        await calls.once('AbortMultipartUpload', { UploadId: twin }, signal);
    }
  } catch {
    // Not to the caller's harm.
  }
}

function twinsIn(uploads: readonly S3Output[], key: string, id: string, askedFor: number): readonly string[] {
  const ofKey = uploads.filter((upload) => textIn(upload, 'Key') === key);
  const own = initiated(ofKey.find((upload) => textIn(upload, 'UploadId') === id));
  if (own === undefined) return [];
  const isTwin = (upload: S3Output): boolean => {
    const at = initiated(upload);
    return at !== undefined && at <= own && at >= own - askedFor - ROUNDING;
  };
  return ofKey
    .filter(isTwin)
    .flatMap((upload) => textIn(upload, 'UploadId') ?? [])
    .filter((other) => other !== id);
}

/** Milliseconds by the server's clock. */
function initiated(upload: S3Output | undefined): number | undefined {
  const at = upload?.['Initiated'];
  return at instanceof Date ? at.getTime() : undefined;
}
