import type { HttpProbeOptions } from './http-options.js';
import type { HttpUrl } from './http-url.js';

/** What is asked of one server. */
export interface HttpRequest {
  readonly url: HttpUrl;
  readonly method: string;
  /** Header fields by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

export function firstRequest(url: HttpUrl, { method = 'GET', headers = {}, body }: HttpProbeOptions): HttpRequest {
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    url,
    method,
    headers: {
      accept: '*/*',
      'user-agent': 'netpause',
      ...(url.authorization !== undefined && { authorization: url.authorization }),
      ...given,
    },
    body,
  };
}

/** How many bytes a body has; a text is sent as UTF-8. */
export function lengthOf(body: string | Uint8Array): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
}
