import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { type Connect, type ConnectOutcome, outcomeOfError } from './connect.js';

/** A URL as a check host: reached only when it answers as it should, which a captive portal in its place would not. */
export interface UrlCheck {
  /** An `http:` or `https:` URL, such as `'http://connectivity-check.example.com/generate_204'`. */
  readonly url: string;
  /**
   * The status that proves it. Redirects are not followed.
   *
   * @default any from 200 to 299
   */
  readonly status?: number | undefined;
}

/** Asks for a URL at the address that it is told, and compares the status. */
export function httpCheck({ url, status }: UrlCheck): Connect {
  const target = new URL(url);
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return ({ address, timeout, signal }) =>
    new Promise((resolve) => {
      const settle = (outcome: ConnectOutcome): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        request.removeAllListeners().on('error', () => {});
        request.destroy();
        resolve(outcome);
      };
      const onAbort = (): void => settle({ kind: 'no-evidence', code: 'ABORT_ERR' });
      const timer = setTimeout(() => setImmediate(() => settle({ kind: 'silent', code: 'ETIMEDOUT' })), timeout);
      timer.unref();
      const request = send(target, {
        // A connection of its own: one that is kept from before the outage would prove nothing.
        agent: false,
        lookup: (_name, options, callback) => {
          const family = isIP(address);
          if (options.all === true) callback(null, [{ address, family }]);
          else callback(null, address, family);
        },
      });
      request.once('socket', (socket) => socket.unref());
      request.once('response', ({ statusCode = 0 }) => settle(judgeStatus(statusCode, status)));
      request.once('error', (error) => settle(judgeError(error)));
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      request.end();
    });
}

function judgeStatus(status: number, expected: number | undefined): ConnectOutcome {
  const right = expected === undefined ? status >= 200 && status <= 299 : status === expected;
  return right ? { kind: 'reached' } : { kind: 'silent', code: `HTTP_${status}` };
}

/** A refusal is an answer of somebody, but not the one that was asked for. */
function judgeError(error: Error): ConnectOutcome {
  const outcome = outcomeOfError(error);
  if (outcome.kind !== 'reached') return outcome;
  return { kind: 'silent', code: 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN' };
}
