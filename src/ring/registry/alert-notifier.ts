import { toError } from '../../errors/index.js';
import type { Retryer } from '../../retry/index.js';
import type { AlertEvent } from '../expected/index.js';
import type { AlertWebhook } from './alert-webhook.js';
import { alertOf } from './missing-analysis.js';

/** Alerts that wait for one webhook. Beyond that the oldest is left out. */
const MOST_WAITING = 1_000;

/** Milliseconds for one request. */
const TIMEOUT = 10_000;

/** Tells webhooks of alerts, one after another, and again while they do not answer with 2xx. */
export class AlertNotifier {
  readonly #queues: readonly WebhookQueue[];

  constructor(webhooks: readonly AlertWebhook[], retryer: Retryer, onError: (error: Error) => void) {
    this.#queues = webhooks.map((webhook) => new WebhookQueue(webhook, retryer, onError));
  }

  /** Resolves when all of them know, or will not be told any more; never where the notifier closes before that. */
  async notify(event: AlertEvent): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.add(event)));
  }

  close(): void {
    for (const queue of this.#queues) queue.close();
  }
}

interface Waiting {
  readonly event: AlertEvent;
  readonly done: () => void;
}

class WebhookQueue {
  readonly #webhook: AlertWebhook;
  readonly #retryer: Retryer;
  readonly #onError: (error: Error) => void;
  readonly #closing = new AbortController();
  readonly #waiting: Waiting[] = [];
  #isSending = false;

  constructor(webhook: AlertWebhook, retryer: Retryer, onError: (error: Error) => void) {
    this.#webhook = webhook;
    this.#retryer = retryer;
    this.#onError = onError;
  }

  add(event: AlertEvent): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ event, done });
      if (this.#waiting.length > MOST_WAITING) this.#leaveOut();
      if (!this.#isSending) void this.#send();
    });
  }

  close(): void {
    this.#closing.abort();
  }

  #leaveOut(): void {
    this.#waiting.shift()?.done();
    this.#onError(new Error(`more than ${MOST_WAITING} alerts wait for a webhook: the oldest is left out`));
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    const { signal } = this.#closing;
    for (let next = this.#waiting.shift(); next !== undefined && !signal.aborted; next = this.#waiting.shift()) {
      const body = bodyOf(next.event);
      try {
        await this.#retryer.run((_attempt, context) => post(this.#webhook, body, context.signal), {
          signal,
          timeout: TIMEOUT,
          shouldRetry: mayHeal,
        });
      } catch (error) {
        if (signal.aborted) return;
        this.#onError(toError(error));
      }
      next.done();
    }
    this.#isSending = false;
  }
}

/** `key` is the same for the same trouble: whoever is told of it twice can tell. */
function bodyOf({ event, at, alert }: AlertEvent): string {
  return JSON.stringify({ event, at: Math.floor(at / 1_000), source: 'netring', ...alertOf(alert) });
}

async function post({ url, headers }: AlertWebhook, body: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    // Whoever is meant is named: nobody else gets the header.
    redirect: 'manual',
    signal,
  });
  await response.body?.cancel();
  if (!response.ok) throw new WebhookStatusError(response.status);
}

/** It shows the status, and nothing of the URL, which may hold a token. */
class WebhookStatusError extends Error {
  override readonly name = 'WebhookStatusError';

  constructor(readonly status: number) {
    super(`a webhook answered with status ${status}`);
  }
}

/** The same request is refused again: RFC 9110, section 15.5, apart from what passes with time. */
function mayHeal({ error }: { readonly error: Error }): boolean {
  if (!(error instanceof WebhookStatusError)) return true;
  return error.status >= 500 || [408, 425, 429].includes(error.status);
}
