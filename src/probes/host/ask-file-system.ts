import { type StatsFs, statfs } from 'node:fs';
import { orAborted } from '../../events/index.js';

/** What has been asked and not been answered yet. */
interface Question {
  readonly answer: Promise<StatsFs>;
  /** Somebody's time was over before there was an answer. */
  wasGivenUp: boolean;
}

/** Of all probes in this process: they share the threads of Node's pool, and a file system that does not answer keeps the one that asks it. */
const questions = new Map<string, Question>();

/** Half of the threads that there are by default (UV_THREADPOOL_SIZE): files and names need the others. */
const MOST_QUESTIONS = 2;

/**
 * Asks a file system that may never answer, such as NFS whose server is gone, how large and how full it is. One that still owes an answer to
 * somebody who gave up is asked no second time.
 *
 * @returns undefined where it does not answer until the signal aborts, or where so many do not that no more are asked.
 * @throws the error of statfs(2).
 */
export async function askFileSystem(path: string, signal: AbortSignal): Promise<StatsFs | undefined> {
  const question = await questionTo(path, signal);
  if (question === undefined || question.wasGivenUp) return undefined;
  try {
    return await orAborted(question.answer, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    question.wasGivenUp = true;
    return undefined;
  }
}

/** By statfs(2), however long that takes. */
export function statFileSystem(path: string): Promise<StatsFs> {
  return new Promise((resolve, reject) => {
    statfs(path, (error, stats) => (error === null ? resolve(stats) : reject(error)));
  });
}

async function questionTo(path: string, signal: AbortSignal): Promise<Question | undefined> {
  while (!signal.aborted) {
    const asked = questions.get(path);
    if (asked !== undefined) return asked;
    if (questions.size < MOST_QUESTIONS) return pose(path);
    const hopeful = [...questions.values()].filter(({ wasGivenUp }) => !wasGivenUp);
    if (hopeful.length === 0) return undefined;
    // Whichever way one ends, there may be room then.
    await orAborted(Promise.race(hopeful.map(({ answer }) => answer)), signal).catch(() => {});
  }
  return undefined;
}

function pose(path: string): Question {
  const question = { answer: statFileSystem(path), wasGivenUp: false };
  questions.set(path, question);
  const forget = () => questions.delete(path);
  question.answer.then(forget, forget);
  return question;
}
