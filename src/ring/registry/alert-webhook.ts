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
  allowed: `a list of at most ${MOST_WEBHOOKS} objects, each with a 'url' of http or https, and 'headers' with texts where there are any`,
  accepts: (value) => Array.isArray(value) && value.length <= MOST_WEBHOOKS && value.every(isWebhook),
};

function isWebhook(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const [url, headers]: unknown[] = [Reflect.get(value, 'url'), Reflect.get(value, 'headers')];
  const isUrl = typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  const isPlain = typeof headers === 'object' && headers !== null && !Array.isArray(headers);
  return (
    isUrl && (headers === undefined || (isPlain && Object.values(headers).every((each) => typeof each === 'string')))
  );
}
