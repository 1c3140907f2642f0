import { setTimeout as delay } from 'node:timers/promises';

/** How often something is looked at that nobody announces, in milliseconds. */
const LOOK_AGAIN_AFTER = 10;

/** Waits until a condition holds, for so many milliseconds at most. @returns whether it came to hold. */
export async function comesTrue(condition: () => boolean | Promise<boolean>, timeout: number): Promise<boolean> {
  const deadline = performance.now() + timeout;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await delay(LOOK_AGAIN_AFTER);
  }
  return true;
}

/** Lets time pass where the time itself is the fault: how long an outage lasts, how often a link flaps. */
export const pass = (milliseconds: number): Promise<void> => delay(milliseconds);
