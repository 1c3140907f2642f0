import type { OptionRule } from '../../options/index.js';

/** Who is told of alerts, by `POST` of JSON. */
export interface AlertWebhook {
  /** Of http or https. */
  readonly url: string;
  /** Fields of the request's header, such as `Authorization`. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const MOST_WEBHOOKS = 16;

export const webhooksRule: OptionRule = {
  isSecret: true,
  allowed: `a list of at most ${MOST_WEBHOOKS} objects, each with a 'url' of http or https without a password, and 'headers' that HTTP allows where there are any`,
  accepts: (value) => Array.isArray(value) && value.length <= MOST_WEBHOOKS && value.every(isWebhook),
};

function isWebhook(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const [url, headers]: unknown[] = [Reflect.get(value, 'url'), Reflect.get(value, 'headers')];
  return isUrl(url) && (headers === undefined || areHeaders(headers));
}

/** What fetch refuses would be shown in its error. */
function isUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

function areHeaders(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, content]: [string, unknown]) => isHeader(name, content));
}

function isHeader(name: string, content: unknown): boolean {
  if (typeof content !== 'string') return false;
  try {
    new Headers([[name, content]]);
    return true;
  } catch {
    return false;
  }
}
