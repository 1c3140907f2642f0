import { DEFAULT_ATTEMPT_DELAY, familyOf } from '../connect/connect-options.js';
import { localEndOf } from '../connect/local-end.js';
import { failedBy } from '../failure.js';
import type { ProbeContext } from '../probe-context.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { Measurement, ProbeFailure, ProbeResult, ProbeVerdict } from '../result.js';
import { type ProbeRun, runProbe } from '../run-probe.js';
import type { TlsOptions } from '../tls/tls-options.js';
import type { HttpAnswer } from './answer.js';
import { type HopRecord, type HopSettings, takeHop } from './hop.js';
import { type HttpFacts, type HttpPhase, httpFacts } from './http-facts.js';
import {
  checkHttpOptions,
  DEFAULT_HTTP_TIMEOUT,
  DEFAULT_MAX_BODY_BYTES,
  DEFAULT_MAX_HEADER_BYTES,
  DEFAULT_MAX_REDIRECTS,
  type HttpProbeOptions,
} from './http-options.js';
import { firstRequest, type HttpRequest } from './http-request.js';
import { parseHttpTarget, shownTarget } from './http-url.js';
import { isExpectedStatus, judgeAnswer } from './judge-answer.js';
import { followRedirect, isRedirect } from './redirect.js';

/** What {@link probeHttp} resolves to. Its sample is the time from the end of the request to the first byte of the last answer. */
export type HttpResult = ProbeResult<HttpFacts, HttpPhase>;

/**
 * Asks for a URL over a connection of its own, measures each phase, and judges certificate, status, header fields and body. Redirects are
 * followed.
 *
 * @param target an http or https URL. A user name and password in it are sent as `authorization`, and shown nowhere.
 * @throws {InvalidOptionError} for a bad target or option; the caller's reason when the signal aborts.
 * @example
 * const { status, timings, facts } = await probeHttp('https://www.example.com/health', { expectBody: 'ok', minCertificateDays: 14 });
 */
export async function probeHttp(
  target: string,
  options: HttpProbeOptions = {},
  context: ProbeContext = {},
): Promise<HttpResult> {
  checkHttpOptions(options);
  const url = parseHttpTarget(target);
  const { timeout = DEFAULT_HTTP_TIMEOUT } = options;
  const request = firstRequest(url, options);
  return runProbe({ probe: 'http', target: shownTarget(target, url), timeout }, context, async (run) =>
    measure(request, options, await settingsOf(options, timeout, context, run)),
  );
}

/** One object for all who give none, so that its authorities are loaded once. */
const DEFAULT_TLS: TlsOptions = {};

async function settingsOf(
  options: HttpProbeOptions,
  timeout: number,
  { resolve }: ProbeContext,
  run: ProbeRun,
): Promise<HopSettings> {
  const { maxRedirects = DEFAULT_MAX_REDIRECTS } = options;
  return {
    family: familyOf(options),
    local: await localEndOf(options),
    attemptDelay: options.attemptDelay ?? DEFAULT_ATTEMPT_DELAY,
    resolve,
    tls: options.tls ?? DEFAULT_TLS,
    version: options.version ?? 'auto',
    maxHeaderBytes: options.maxHeaderBytes ?? DEFAULT_MAX_HEADER_BYTES,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    wantsText: options.expectBody !== undefined || options.rejectBody !== undefined,
    leadsOn: (answer) => maxRedirects > 0 && leadsOn(answer, options),
    timeout,
    begun: performance.now(),
    signal: run.signal,
    towards: run.towards,
  };
}

/** Whoever expects a redirect wants to see it, not where it leads. */
function leadsOn({ status, headers }: HttpAnswer, { status: expected }: HttpProbeOptions): boolean {
  return isRedirect(status) && headers.has('location') && !isExpectedStatus(status, expected);
}

async function measure(
  first: HttpRequest,
  options: HttpProbeOptions,
  settings: HopSettings,
): Promise<Measurement<HttpFacts, HttpPhase>> {
  const { hops, last, failure, redirect } = await takeHops(
    first,
    settings,
    options.maxRedirects ?? DEFAULT_MAX_REDIRECTS,
  );
  const verdict = failure ?? judge(last, options);
  const { firstByte } = last.timings;
  return {
    verdict,
    address: last.address,
    samples: firstByte === undefined ? [] : [firstByte],
    timings: { ...last.timings, ...(hops.length > 1 && { redirect }) },
    facts: httpFacts(hops, last, Object.keys(options.expectHeaders ?? {}), settings.local.boundBy),
  };
}

interface Journey {
  readonly hops: readonly HopRecord[];
  readonly last: HopRecord;
  /** Why it ended early; absent where it came to an answer that is to be judged. */
  readonly failure?: ProbeFailure | undefined;
  /** Milliseconds until the last hop began. */
  readonly redirect: number;
}

/** From hop to hop, as long as redirects lead on. */
async function takeHops(first: HttpRequest, settings: HopSettings, maxRedirects: number): Promise<Journey> {
  const hops: HopRecord[] = [];
  const seen = new Set<string>();
  let request = first;
  for (;;) {
    const redirect = performance.now() - settings.begun;
    const last = await takeHop(request, settings);
    hops.push(last);
    seen.add(keyOf(request));
    const next = nextOf(last, settings);
    if (next === undefined || 'failure' in next) return { hops, last, failure: next?.failure, redirect };
    const failure = whyNotFollowed(next.request, seen, hops.length > maxRedirects, maxRedirects);
    if (failure !== undefined) return { hops, last, failure, redirect };
    request = next.request;
  }
}

/** Where a hop leads; undefined where it has come to its answer. */
function nextOf(
  { request, answer, failure }: HopRecord,
  { leadsOn: doesLeadOn }: HopSettings,
): { readonly request: HttpRequest } | { readonly failure: ProbeFailure } | undefined {
  if (failure !== undefined) return { failure };
  if (answer === undefined || !doesLeadOn(answer)) return undefined;
  return followRedirect(request, answer.status, answer.headers.get('location') ?? '');
}

/** Without cookies, the same question has the same answer. */
function whyNotFollowed(
  request: HttpRequest,
  seen: ReadonlySet<string>,
  isTooMany: boolean,
  maxRedirects: number,
): ProbeFailure | undefined {
  if (seen.has(keyOf(request))) return failedBy('target', 'redirect-loop', 'the redirects lead in a circle');
  if (isTooMany) return failedBy('target', 'too-many-redirects', `there are more than ${maxRedirects} redirects`);
  return undefined;
}

function keyOf({ method, url }: HttpRequest): string {
  return `${method} ${url.href}`;
}

function judge({ answer, body, tls }: HopRecord, options: HttpProbeOptions): ProbeVerdict {
  if (answer === undefined || body === undefined) return failedBy('target', 'closed', 'no answer came');
  try {
    return judgeAnswer({ answer, body, tls }, options, Date.now());
  } catch (error) {
    if (error instanceof ProbeFailedError) return error.failure;
    throw error;
  }
}
