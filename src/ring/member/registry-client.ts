import type { z } from '@hono/zod-openapi';
import type { ResolveHost } from '../../probes/index.js';
import {
  deregisterResponseSchema,
  errorResponseSchema,
  okResponseSchema,
  type RegisterRequest,
  registerResponseSchema,
  WIRE_LIMITS,
} from '../wire/index.js';
import { type Answer, type Exchange, exchange } from './exchange.js';
import { hasMoreBrackets } from './json-brackets.js';
import type { RegistryContact, RegistryUse } from './registry-contact.js';
import { RegistryError } from './registry-error.js';

/** Where the registries are, and what they want to see. */
export interface RegistryAccess {
  /** At least one. */
  readonly urls: readonly string[];
  /** Asked before each request. */
  readonly token: () => string | undefined;
  /** Milliseconds for a connection. */
  readonly connectTimeout: number;
  /** Who is asked for the addresses of their names. */
  readonly resolve: ResolveHost;
  /** Is told of each answer, and of each that did not come. */
  readonly contact?: Pick<RegistryContact, 'answered' | 'failed'> | undefined;
}

/** Whether the registry knows the member that has spoken. */
export type Acknowledged = 'known' | 'unknown member';

/** Speaks with the registry; where there are several, with the one that answered last, and with the next where that does not answer. */
export class RegistryClient {
  readonly #access: RegistryAccess;
  #current = 0;
  #lastAnswer: number | undefined;

  constructor(access: RegistryAccess) {
    this.#access = access;
  }

  /** The registry that is asked first. */
  get url(): string {
    return this.#access.urls[this.#current] ?? '';
  }

  /** When a registry last answered what it was asked for: milliseconds since 1970; undefined where none ever did. */
  get lastAnswer(): number | undefined {
    return this.#lastAnswer;
  }

  /**
   * @returns whether the registry reads checks; one of Netring knows only its groups of values.
   * @throws {RegistryError}; an error with a `code` where nobody answers; the signal's reason.
   */
  async register(member: RegisterRequest, signal: AbortSignal): Promise<{ readonly readsChecks: boolean }> {
    return this.#watched('speak', signal, async () => {
      const answer = await this.#post('register', JSON.stringify(member), signal);
      const { instance_id: id, reads_checks: readsChecks = false } = readAnswer(answer, registerResponseSchema);
      if (id !== member.instance_id) throw senseless('it registered somebody else');
      return { readsChecks };
    });
  }

  /** @throws as {@link register}. */
  async heartbeat(id: string, signal: AbortSignal): Promise<Acknowledged> {
    return this.#watched('speak', signal, async () =>
      acknowledged(await this.#post('heartbeat', JSON.stringify({ instance_id: id }), signal)),
    );
  }

  /** @throws as {@link register}. */
  async report(body: string, signal: AbortSignal): Promise<Acknowledged> {
    return this.#watched('speak', signal, async () =>
      acknowledged(await this.#post('report_metrics', body, signal, TIME_TO_REPORT)),
    );
  }

  /** @throws as {@link register}. */
  async deregister(id: string, signal: AbortSignal): Promise<void> {
    readAnswer(await this.#post('deregister', JSON.stringify({ instance_id: id }), signal), deregisterResponseSchema);
  }

  /**
   * The members, as far as what comes is a list.
   *
   * @throws as {@link register}.
   */
  async members(signal: AbortSignal): Promise<readonly unknown[]> {
    return this.#watched('read', signal, () => this.#members(signal));
  }

  async #members(signal: AbortSignal): Promise<readonly unknown[]> {
    const answer = await this.#ask(
      { method: 'GET', maxBytes: MOST_MEMBERS_BYTES, timeout: TIMEOUT },
      'members',
      signal,
    );
    // What is made of brackets alone takes a hundred times the memory of its text.
    if (hasMoreBrackets(answer.text, MOST_BRACKETS)) throw senseless('it tells of more than members');
    const body = bodyOf(answer);
    const members: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'members') : undefined;
    if (Array.isArray(members)) return members;
    throw senseless('it told of no members');
  }

  /** An answer is one that could be read: a proxy or a portal in the registry's place is not heard. */
  async #watched<Told>(use: RegistryUse, signal: AbortSignal, ask: () => Promise<Told>): Promise<Told> {
    const { contact } = this.#access;
    try {
      const told = await ask();
      this.#lastAnswer = Date.now();
      contact?.answered(use, this.url);
      return told;
    } catch (error) {
      // Whoever has ended it knows why.
      if (!signal.aborted) contact?.failed(use, error, this.url);
      throw error;
    }
  }

  #post(path: string, body: string, signal: AbortSignal, timeout = TIMEOUT): Promise<Answer> {
    return this.#ask({ method: 'POST', maxBytes: MOST_BYTES, body, timeout }, path, signal);
  }

  async #ask(
    asked: Pick<Exchange, 'method' | 'maxBytes' | 'body' | 'timeout'>,
    path: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { urls, connectTimeout, resolve } = this.#access;
    const token = this.#access.token();
    const headers = { 'user-agent': 'netpause', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    // Others ask at the same time: whoever else finds out meanwhile who answers, it is not passed over here.
    const first = this.#current;
    for (let tried = 1; ; tried += 1) {
      const index = (first + tried - 1) % urls.length;
      const base = urls[index] ?? '';
      const url = new URL(path, base.endsWith('/') ? base : `${base}/`);
      try {
        const answer = await exchange({ ...asked, connectTimeout, url, headers, signal, resolve });
        if (!isElsewhere(answer)) this.#current = index;
        if (!isElsewhere(answer) || tried >= urls.length) return answer;
      } catch (error) {
        if (signal.aborted || tried >= urls.length) throw error;
      }
    }
  }
}

/** Milliseconds. */
const TIMEOUT = 10_000;
/** Milliseconds: a report may be megabytes. */
const TIME_TO_REPORT = 25_000;
const MOST_BYTES = 65_536;
/** 10,000 members, each of the longest names. */
const MOST_MEMBERS_BYTES = 2 ** 23;
/** One for each that is there or has left; of more nobody takes notice. */
const MOST_BRACKETS = 3 * WIRE_LIMITS.members;

/** A proxy that cannot reach the registry behind it, or a registry that is broken or cannot reach its store: another may do. */
function isElsewhere({ status }: Answer): boolean {
  return status === 500 || (status >= 502 && status <= 504);
}

function acknowledged(answer: Answer): Acknowledged {
  if (answer.status === 404) return 'unknown member';
  readAnswer(answer, okResponseSchema);
  return 'known';
}

function readAnswer<Shape extends z.ZodType>(answer: Answer, schema: Shape): z.infer<Shape> {
  const parsed = schema.safeParse(bodyOf(answer));
  if (parsed.success) return parsed.data;
  throw senseless('its answer is none that was asked for');
}

function bodyOf({ status, headers, text }: Answer): unknown {
  if (status === 200) return parseJson(text);
  const told = errorResponseSchema.safeParse(parseJson(text));
  const why = told.success ? `: ${told.data.error}` : '';
  throw new RegistryError(`the registry answered ${status}${why}`, status, headers);
}

function senseless(problem: string): RegistryError {
  return new RegistryError(`what answers is no registry: ${problem}`, 502);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
