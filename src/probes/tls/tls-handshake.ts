import { isIP, type Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { escapeText } from '../escape-text.js';
import { failedBy, failureOf } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { ProbeFailure } from '../result.js';
import { certificateFacts, problemsOf, type TlsFacts } from './tls-facts.js';
import { listOf, type TlsOptions } from './tls-options.js';

/** @throws {ProbeFailedError} where there is no agreement. A bad certificate is none of its business. */
export function shakeHands(
  socket: Socket,
  host: string,
  protocols: readonly string[],
  options: TlsOptions,
): Promise<{ readonly socket: TLSSocket; readonly facts: TlsFacts }> {
  // RFC 6066 section 3: without the dot that ends a name.
  const name = (options.serverName ?? host).replace(/\.$/, '');
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket,
      secureContext: secureContextOf(options),
      // An IP address is no server name (RFC 6066 section 3), but is looked for in the certificate all the same.
      host: name,
      servername: isIP(name) === 0 ? name : '',
      ALPNProtocols: [...protocols],
      // The certificate is judged by us, so that its facts can be told; until then nothing is sent.
      rejectUnauthorized: false,
    });
    secure.on('error', (error) => reject(new ProbeFailedError(failureOfHandshake(error))));
    secure.once('close', () => reject(new ProbeFailedError(CLOSED)));
    secure.once('secureConnect', () => resolve({ socket: secure, facts: factsOf(secure, name) }));
  });
}

const CLOSED = failedBy('target', 'closed', 'the connection was closed before TLS was agreed on');

/** That one has gone within the handshake Node.js tells by ECONNRESET without a system call. */
function failureOfHandshake(error: Error): ProbeFailure {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNRESET' && !('syscall' in error)) return CLOSED;
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code.startsWith('ERR_OSSL_') || code === 'EPROTO') {
    return failedBy('target', 'tls-failed', `TLS could not be agreed on: ${escapeText(reasonOf(error), 200)}`);
  }
  return failureOf(error) ?? failedBy('target', 'tls-failed', escapeText(error.message, 200));
}

/** OpenSSL's message is a line of its source code; its reason is the part that says something. */
function reasonOf(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
}

/** Loading authorities takes long, and a schedule comes with the same options each time. */
const contexts = new WeakMap<TlsOptions, SecureContext>();

function secureContextOf(options: TlsOptions): SecureContext {
  const known = contexts.get(options);
  if (known !== undefined) return known;
  const { ca, cert, key, minVersion } = options;
  const made = createSecureContext({
    ...(ca !== undefined && { ca: listOf(ca) }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(minVersion !== undefined && { minVersion }),
    // OpenSSL 3 speaks what is older than TLS 1.2 at its lowest security level only (SSL_CTX_set_security_level(3)).
    ...((minVersion === 'TLSv1' || minVersion === 'TLSv1.1') && { ciphers: 'DEFAULT:@SECLEVEL=0' }),
  });
  contexts.set(options, made);
  return made;
}

function factsOf(socket: TLSSocket, host: string): TlsFacts {
  const [leaf, ...authorities] = chainOf(socket);
  // Its type says Error, but it is a code (lib/_tls_wrap.js, onConnectSecure).
  const verifyError = socket.authorized ? undefined : String(socket.authorizationError);
  const version = socket.getProtocol();
  return {
    ...(version !== null && { version }),
    cipher: socket.getCipher().standardName,
    ...(typeof socket.alpnProtocol === 'string' && { alpn: socket.alpnProtocol }),
    authorized: socket.authorized,
    problems: problemsOf(verifyError, leaf, host, Date.now()),
    ...(verifyError !== undefined && { verifyError }),
    ...(leaf !== undefined && { certificate: certificateFacts(leaf, authorities) }),
  };
}

/** The server's certificate and the authorities in between. A root is trusted because it is there, whatever its date. */
function chainOf(socket: TLSSocket): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // Without a certificate it is an empty object, and a root is its own issuer.
  while (next?.valid_to !== undefined && (chain.length === 0 || next.issuerCertificate !== next) && chain.length < 20) {
    chain.push(next);
    if (next.issuerCertificate === next) break;
    next = next.issuerCertificate;
  }
  return chain;
}
