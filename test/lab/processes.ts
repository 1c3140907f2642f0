import { readdirSync, readlinkSync } from 'node:fs';
import { until } from './bounded.js';

/**
 * Kills every process in a network namespace, whoever started it, and waits until there is none.
 *
 * @param namespace as `/proc/<pid>/ns/net` names it. It must be held open, or its number may belong to someone else by now.
 */
export async function endProcessesIn(namespace: string): Promise<void> {
  let left: readonly number[] = [];
  await until(
    () => {
      left = processesIn(namespace);
      for (const pid of left) kill(pid);
      return left.length === 0;
    },
    () => `processes that do not end: ${left.join(', ')}`,
    TO_END,
  );
}

/** Milliseconds. A process that was killed waits for the kernel's lock on all network configuration, which others may hold for long. */
export const TO_END = 60_000;

/** The ids of the processes in a network namespace. A process that has ended, but whose parent does not know yet, is in none. */
function processesIn(namespace: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => networkNamespaceOf(pid) === namespace);
}

function networkNamespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    // Ended meanwhile, or not ours to look at: then it is not in one of ours.
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ESRCH: ended meanwhile.
  }
}
