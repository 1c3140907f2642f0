import { setTimeout as delay } from 'node:timers/promises';

/**
 * How long anything in the lab may take before it counts as broken, in milliseconds. A bound for a busy machine, not an expectation: what
 * the lab asks of the kernel takes a few milliseconds.
 */
export const PATIENCE = 20_000;

/** How often a condition is looked at that nobody announces, in milliseconds. */
const LOOK_AGAIN_AFTER = 5;

/**
 * Waits for a promise, but not for ever. The lab's child processes and pipes are all unreferenced, so that nothing forgotten keeps the test
 * process alive; while something is waited for, it is this timer that does.
 */
export async function within<Result>(ms: number, describe: () => string, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms in vain: ${describe()}`)), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a condition holds that can only be looked at. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  describe: () => string,
  ms = PATIENCE,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms in vain: ${describe()}`);
    await delay(LOOK_AGAIN_AFTER);
  }
}
