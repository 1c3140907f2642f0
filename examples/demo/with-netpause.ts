import { createRetryer, type NetworkSource } from '../../src/index.js';
import { monotonicMs } from './clock.js';
import { type CallS3, createS3Client, errorCode, uploadMultipart } from './multipart-upload.js';
import { NETPAUSE, UPLOAD } from './settings.js';
import type { OnUploadEvent, UploadResult, UploadTarget } from './upload-event.js';

/** The upload with every call wrapped in netpause: all that a service needs is `retryer.run` around what it has already. */
export async function uploadWithNetpause(
  target: UploadTarget,
  network: NetworkSource,
  onEvent: OnUploadEvent,
  signal: AbortSignal,
): Promise<UploadResult> {
  const s3 = createS3Client(target.endpoint);
  const retryer = createRetryer({ network, retries: UPLOAD.retries, interruptAfter: NETPAUSE.interruptAfter });
  retryer.on('attempt', ({ name = '' }) => onEvent({ type: 'attempt', at: monotonicMs(), call: name }));
  retryer.on('pause', ({ name = '' }) => onEvent({ type: 'paused', at: monotonicMs(), call: name }));
  retryer.on('failure', ({ name = '', spent, error }) => {
    if (spent) {
      onEvent({ type: 'spent', at: monotonicMs(), call: name, error: errorCode(error) });
    }
  });
  const callS3: CallS3 = ({ name, send, signal }) =>
    retryer.run((_attemptNumber, attempt) => send(attempt.signal), { name, signal });
  try {
    return await uploadMultipart(s3, { ...target, signal }, callS3, onEvent);
  } finally {
    s3.destroy();
  }
}
