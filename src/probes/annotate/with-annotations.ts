import { toError } from '../../errors/index.js';
import type { ProbeResult } from '../result.js';
import type { ScheduledTask } from '../schedule/task.js';
import type { Annotate } from './annotation.js';
import { AnnotationError } from './annotation-error.js';

/** The result with what each annotation adds, one after the other. Never throws: `onError` is told of one that does. */
export function withAnnotations(
  result: ProbeResult,
  task: ScheduledTask,
  annotations: readonly Annotate[],
  onError: (error: AnnotationError) => void,
): ProbeResult {
  let annotated = result;
  for (const annotate of annotations) {
    try {
      annotated = { ...annotated, facts: factsOf(annotate(annotated, task)) };
    } catch (error) {
      onError(new AnnotationError(task.name, toError(error).message, { cause: error }));
    }
  }
  return annotated;
}

/** @throws {TypeError} for what is no result. */
function factsOf(returned: unknown): object {
  const facts: unknown = typeof returned === 'object' && returned !== null ? Reflect.get(returned, 'facts') : undefined;
  if (typeof facts === 'object' && facts !== null) return facts;
  // Nobody waits for a promise, and its rejection is not to end the process.
  if (returned instanceof Promise) returned.catch(() => {});
  throw new TypeError('the annotation did not return a result');
}
