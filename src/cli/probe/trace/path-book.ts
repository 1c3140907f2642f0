import type { ScheduledResult } from '../../../probes/index.js';
import { addTrace, emptyPath, type PathModel } from './path-model.js';

/** The paths to several targets, by the names of tasks. */
export class PathBook {
  #paths = new Map<string, PathModel>();

  get paths(): readonly PathModel[] {
    return [...this.#paths.values()];
  }

  /** Takes a result in, and gives the path as it is known now. */
  take({ task, result }: ScheduledResult): PathModel {
    const path = addTrace(this.#paths.get(task.name) ?? emptyPath(task.target), result);
    this.#paths.set(task.name, path);
    return path;
  }

  /** All that was counted is forgotten. */
  reset(): void {
    this.#paths = new Map([...this.#paths].map(([name, { target }]) => [name, emptyPath(target)]));
  }
}
