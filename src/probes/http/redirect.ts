import { escapeText } from '../escape-text.js';
import { failedBy } from '../failure.js';
import type { ProbeFailure } from '../result.js';
import type { HttpRequest } from './http-request.js';
import { type HttpUrl, parseHttpUrl, withoutUserinfo } from './http-url.js';

/** RFC 9110 section 15.4; 300 and 304 lead nowhere by themselves. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** What a redirect asks for next, or why that is not asked for. */
export function followRedirect(
  request: HttpRequest,
  status: number,
  location: string,
): { readonly request: HttpRequest } | { readonly failure: ProbeFailure } {
  const url = parseHttpUrl(location, request.url.href);
  if (url === undefined) {
    const message = `the redirect leads to ${escapeText(withoutUserinfo(location), 200)}, which is no http or https URL`;
    return { failure: failedBy('target', 'redirect-refused', message) };
  }
  const becomesGet = changesToGet(status, request.method);
  return {
    request: {
      // A user name and password that a server names are not the caller's: only the first URL's are ever sent.
      url,
      method: becomesGet ? 'GET' : request.method,
      headers: headersFor(url, request, becomesGet),
      body: becomesGet ? undefined : request.body,
    },
  };
}

/** RFC 9110 sections 15.4.2 to 15.4.4: what everybody does after a POST, and what 303 says. */
function changesToGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}

/** What proves who we are to one origin is nothing for another; nor is a host that was set for the first. */
const OF_THE_ORIGIN: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'proxy-authorization']);
const OF_THE_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
]);

function headersFor(
  url: HttpUrl,
  { headers, url: { origin } }: HttpRequest,
  becomesGet: boolean,
): HttpRequest['headers'] {
  const kept = Object.entries(headers).filter(
    ([name]) => (url.origin === origin || !OF_THE_ORIGIN.has(name)) && !(becomesGet && OF_THE_BODY.has(name)),
  );
  return Object.fromEntries(kept);
}
