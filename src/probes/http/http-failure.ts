import { escapeText } from '../escape-text.js';
import { failedBy, failureOf } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { ProbeFailure } from '../result.js';

/** What an error says that `node:http`, its parser or `node:http2` threw while an answer was waited for, or read. */
export function failureOfAnswer(error: unknown, maxHeaderBytes: number): ProbeFailure {
  if (error instanceof ProbeFailedError) return error.failure;
  const { code, syscall, message, reason } = fieldsOf(error);
  if (code === 'HPE_HEADER_OVERFLOW') {
    return failedBy('target', 'headers-too-large', `the head of the answer is longer than ${maxHeaderBytes} bytes`);
  }
  if (code.startsWith('HPE_'))
    return failedBy('target', 'protocol-error', `the answer is not HTTP: ${escapeText(reason ?? message, 200)}`);
  // Without a system call it is the end of the connection, not a reset (lib/_http_client.js, "socket hang up" and "aborted").
  if ((code === 'ECONNRESET' && syscall === undefined) || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return failedBy('target', 'closed', 'the connection was closed before the answer was complete');
  }
  if (code.startsWith('ERR_HTTP2_') || code.startsWith('ERR_HTTP_')) {
    return failedBy('target', 'protocol-error', `the answer is not HTTP: ${escapeText(message, 200)}`);
  }
  if (code.startsWith('ERR_SSL_')) return failedBy('target', 'tls-failed', escapeText(reason ?? message, 200));
  return failureOf(error) ?? failedBy('target', 'protocol-error', escapeText(message, 200));
}

function fieldsOf(error: unknown): {
  readonly code: string;
  readonly syscall?: string;
  readonly message: string;
  readonly reason?: string;
} {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  return {
    code: 'code' in error ? String(error.code) : '',
    ...('syscall' in error && { syscall: String(error.syscall) }),
    message: error.message,
    ...('reason' in error && { reason: String(error.reason) }),
  };
}
