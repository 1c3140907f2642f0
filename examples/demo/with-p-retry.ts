import pRetry from 'p-retry';
import { monotonicMs } from './clock.js';
import { type CallS3, createS3Client, errorCode, uploadMultipart } from './multipart-upload.js';
import { P_RETRY, UPLOAD } from './settings.js';
import type { OnUploadEvent, UploadResult, UploadTarget } from './upload-event.js';

/** The same upload as a careful user writes it without netpause: p-retry around every call, and timeouts, which the SDK has none of. */
export async function uploadWithPRetry(
  target: UploadTarget,
  onEvent: OnUploadEvent,
  signal: AbortSignal,
): Promise<UploadResult> {
  const { minTimeout, factor, connectionTimeout, requestTimeout } = P_RETRY;
  const s3 = createS3Client(target.endpoint, {
    requestHandler: { connectionTimeout, requestTimeout, throwOnRequestTimeout: true },
  });
  const callS3: CallS3 = ({ name, send, signal }) =>
    pRetry(
      () => {
        onEvent({ type: 'attempt', at: monotonicMs(), call: name });
        return send(signal);
      },
      {
        retries: UPLOAD.retries,
        minTimeout,
        factor,
        signal,
        onFailedAttempt({ error }) {
          // One that was ended because the upload is given up has not failed.
          if (!signal.aborted) {
            onEvent({ type: 'spent', at: monotonicMs(), call: name, error: errorCode(error) });
          }
        },
      },
    );
  try {
    return await uploadMultipart(s3, { ...target, signal }, callS3, onEvent);
  } finally {
    s3.destroy();
  }
}
