/**
 * The same response with another body. What the constructor cannot be told is said by properties of its own: where a response came from, and a
 * status beyond 599, which servers send and `fetch` hands over, but of which nobody else can make a response.
 */
export function responseWithBody(response: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, ok, statusText, headers, url, redirected, type } = response;
  const ResponseClass = classOf(response);
  const init = { status: status > 599 ? 200 : status, statusText, headers };
  return withOrigin(new ResponseClass(body, init), { status, ok, url, redirected, type });
}

/** What a response says of the answer that it was. */
type Origin = Pick<Response, 'status' | 'ok' | 'url' | 'redirected' | 'type'>;

function withOrigin(response: Response, origin: Origin): Response {
  const clone = response.clone.bind(response);
  const { status, ok, url, redirected, type } = origin;
  return Object.defineProperties(response, {
    status: { value: status, configurable: true },
    ok: { value: ok, configurable: true },
    url: { value: url, configurable: true },
    redirected: { value: redirected, configurable: true },
    type: { value: type, configurable: true },
    clone: { value: () => withOrigin(clone(), origin), configurable: true },
  });
}

/** Node's, or that of the undici package: a caller may ask by `instanceof`. */
function classOf(response: Response): typeof Response {
  return isResponseClass(response.constructor) ? response.constructor : Response;
}

function isResponseClass(value: unknown): value is typeof Response {
  return typeof value === 'function' && 'redirect' in value && 'error' in value;
}
