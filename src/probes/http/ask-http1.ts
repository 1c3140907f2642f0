import { type ClientRequest, type IncomingMessage, request as makeRequest } from 'node:http';
import type { Socket } from 'node:net';
import { type HttpAnswer, headersOf, type RequestProgress } from './answer.js';
import { type HttpRequest, lengthOf } from './http-request.js';

/**
 * Asks by HTTP/1.1 over a socket that is connected already.
 *
 * @throws {Error} as `node:http` and the parser have it.
 */
export function askHttp1(
  socket: Socket,
  { url, method, headers, body }: HttpRequest,
  maxHeaderBytes: number,
  progress: RequestProgress,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = makeRequest({
      createConnection: () => socket,
      method,
      path: url.path,
      headers: {
        host: url.authority,
        ...headers,
        // For methods that rarely have a body Node.js says nothing of its length, and a server takes it for the next request.
        ...(body !== undefined && { 'content-length': lengthOf(body) }),
      },
      setHost: false,
      maxHeaderSize: maxHeaderBytes,
    });
    // Before the parser's own listener, which may end everything with what it finds in these bytes.
    request.once('socket', () => socket.prependOnceListener('data', () => progress.firstByte()));
    request.once('finish', () => progress.sent());
    request.once('response', (message) => resolve(answerOf(message, request, socket)));
    // Nobody asked for another protocol; whoever answers so has answered nevertheless.
    request.once('upgrade', (message) => {
      message.push(null);
      resolve(answerOf(message, request, socket));
    });
    request.on('error', (error) => reject(socket.errored ?? error));
    request.end(body);
  });
}

/** What the parser says of a body it says of the request; the body itself knows only that there is no more. */
function answerOf(message: IncomingMessage, request: ClientRequest, socket: Socket): HttpAnswer {
  const fail = (error: Error): void => {
    // What comes after the end of an answer is no part of it. Whether it is heard at all depends on when it comes.
    if (!message.complete) message.destroy(error);
  };
  request.on('error', fail);
  socket.on('error', fail);
  return {
    status: message.statusCode ?? 0,
    httpVersion: message.httpVersion,
    headers: headersOf(message.headers),
    body: message,
    whyIncomplete: (error) => error,
  };
}
