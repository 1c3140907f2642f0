import { toError } from '../../errors/index.js';
import type { Retryer } from '../../retry/index.js';
import type { AlertEvent } from '../expected/index.js';
import type { AlertWebhook } from './alert-webhook.js';

/** Alerts that wait for one webhook. Beyond that the oldest is left out. */
const MOST_WAITING = 1_000;

/** Milliseconds for one request. */
const TIMEOUT = 10_000;

/** Tells webhooks of alerts, one after another, and again while they do not answer with 2xx. */
export class AlertDesk {
  readonly #lines: readonly WebhookLine[];

  constructor(webhooks: readonly AlertWebhook[], retryer: Retryer, onError: (error: Error) => void) {
    this.#lines = webhooks.map((webhook) => new WebhookLine(webhook, retryer, onError));
  }

  notify(events: readonly AlertEvent[]): void {
    for (const line of this.#lines) for (const event of events) line.add(event);
  }

  close(): void {
    for (const line of this.#lines) line.close();
  }
}

class WebhookLine {
  readonly #webhook: AlertWebhook;
  readonly #retryer: Retryer;
  readonly #onError: (error: Error) => void;
  readonly #closing = new AbortController();
  readonly #waiting: AlertEvent[] = [];
  #isSending = false;

  constructor(webhook: AlertWebhook, retryer: Retryer, onError: (error: Error) => void) {
    this.#webhook = webhook;
    this.#retryer = retryer;
    this.#onError = onError;
  }

  add(event: AlertEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (!this.#isSending) void this.#send();
  }

  close(): void {
    this.#closing.abort();
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    const { signal } = this.#closing;
    for (let event = this.#waiting.shift(); event !== undefined && !signal.aborted; event = this.#waiting.shift()) {
      const body = bodyOf(event);
      try {
        await this.#retryer.run(() => post(this.#webhook, body, signal), { signal });
      } catch (error) {
        if (!signal.aborted) this.#onError(toError(error));
      }
    }
    this.#isSending = false;
  }
}

/** `key` is the same for the same trouble: whoever is told of it twice can tell. */
function bodyOf({ event, at, alert }: AlertEvent): string {
  return JSON.stringify({ event, at: Math.floor(at / 1_000), source: 'netring', ...alert });
}

async function post({ url, headers }: AlertWebhook, body: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
  });
  await response.body?.cancel();
  // The status, and nothing of the URL: it may hold a token.
  if (!response.ok)
    throw Object.assign(new Error(`a webhook answered with status ${response.status}`), { status: response.status });
}
