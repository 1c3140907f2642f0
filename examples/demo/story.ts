import { setTimeout as sleep } from 'node:timers/promises';
import { Journal } from './journal.js';
import { type Course, type DemoResult, type OutageResult, summarize } from './result.js';
import type { Screen } from './screen.js';
import { OUTAGES, UPLOAD } from './settings.js';
import type { Contender, Outage, Stage } from './stage.js';
import type { UploadEvent } from './upload-event.js';

/**
 * Runs both uploads side by side, takes the network away under them, gives it back, and tells it all on the screen.
 *
 * @throws the signal's reason when aborted.
 */
export async function tellStory(stage: Stage, screen: Screen, signal: AbortSignal): Promise<DemoResult> {
  signal.throwIfAborted();
  const startedAt = screen.start();
  const journal = new Journal();
  const plainJournal = new Journal();
  const courses = Promise.all([
    follow(stage, 'netpause', journal, screen, signal),
    follow(stage, 'p-retry', plainJournal, screen, signal),
  ]);
  // Awaited below; but when an outage cannot be told to its end, that is the error to hear of.
  courses.catch(() => {});

  const outages: OutageResult[] = [];
  for (const outage of stage.outages) {
    outages.push(await takeAway(outage, journal, screen, signal));
  }
  const [netpause, plain] = await abortable(courses, signal);
  const result = summarize({ outages, netpause, plain, simulated: stage.simulated });
  screen.verdict({ result, netpause, plain, startedAt });
  return result;
}

/** Runs one upload and shows what it tells, save what it tells of being interrupted. */
async function follow(
  stage: Stage,
  contender: Contender,
  journal: Journal,
  screen: Screen,
  signal: AbortSignal,
): Promise<Course> {
  try {
    const result = await stage.upload(contender, (event) => {
      journal.add(event);
      if (!signal.aborted) {
        showEvent(screen, contender, event, journal);
      }
    });
    const received = await stage.received(contender);
    const course = { result, received, attemptsSpent: journal.count('spent') };
    if (!signal.aborted) {
      showEnd(screen, contender, course);
    }
    return course;
  } finally {
    journal.end();
  }
}

/** One outage from its beginning to the work's going on. */
async function takeAway(outage: Outage, journal: Journal, screen: Screen, signal: AbortSignal): Promise<OutageResult> {
  const { afterFraction, duration } = OUTAGES[outage.kind];
  await abortable(journal.stored(afterFraction * UPLOAD.bytes), signal);

  const lostAt = await outage.begin();
  screen.event(lostAt, 'network', outage.beginning, 'bad');
  const detection = journal
    .first(lostAt, (event) => event.type === 'network' && event.to === 'down')
    .then((event) => showDetection(screen, event, lostAt));
  await sleep(duration, undefined, { signal });

  const paused = journal.count('paused', lostAt);
  const wholeAt = await outage.end();
  screen.event(wholeAt, 'network', outage.ending, 'good');
  const next = await abortable(
    journal.first(wholeAt, (event) => event.type === 'attempt'),
    signal,
  );
  const detectedMs = await abortable(detection, signal);
  const spent = journal.count('spent', lostAt);
  const resumedMs = next === undefined ? null : rounded(next.at - wholeAt);
  if (next !== undefined && resumedMs !== null) {
    const calls = `${paused} ${paused === 1 ? 'call' : 'calls'} had paused, attempts spent ${spent}`;
    screen.event(next.at, 'netpause', `resumed after ${ms(resumedMs)}; ${calls}`, 'good');
  }
  return { kind: outage.kind, detectedMs, resumedMs };
}

function showDetection(screen: Screen, event: UploadEvent | undefined, lostAt: number): number | null {
  if (event?.type !== 'network') {
    return null;
  }
  const after = rounded(event.at - lostAt);
  screen.event(event.at, 'netpause', `detected after ${ms(after)}: down (${event.reason})`, 'note');
  return after;
}

function showEvent(screen: Screen, contender: Contender, event: UploadEvent, journal: Journal): void {
  switch (event.type) {
    case 'stored':
      screen.progress(contender, event.at, journal.storedBytes / UPLOAD.bytes);
      break;
    case 'paused':
      screen.event(event.at, contender, `${event.call} paused`, 'note');
      break;
    case 'spent':
      screen.event(event.at, contender, `${event.call} failed (${event.error}), an attempt spent`, 'bad');
      break;
    case 'attempt':
      if (journal.count('attempt') === 1) {
        screen.event(event.at, contender, 'upload begins', 'note');
      }
      break;
    case 'network':
      break;
  }
}

function showEnd(screen: Screen, contender: Contender, { result, received }: Course): void {
  if (result.completed) {
    const equal = result.sha256 === received.sha256 ? 'SHA-256 equal' : 'but the SHA-256 differs';
    screen.event(result.at, contender, `upload completed, ${equal}`, 'good');
  } else {
    screen.event(result.at, contender, `upload failed: ${result.error}`, 'bad');
  }
}

/** To what a clock of another process can be trusted. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

/** Milliseconds for people. */
function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')} ms`;
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const listening = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: listening.signal });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    listening.abort();
  }
}
