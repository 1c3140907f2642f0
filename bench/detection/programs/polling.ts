import { networkInterfaces } from 'node:os';
import { serveWatcher } from '../watcher.js';

const INTERVAL = 1_000;

/** Whether there is an address other than a loopback one, looked at every second. */
serveWatcher(async (say, { watchers = 1 }) => {
  const timers: NodeJS.Timeout[] = [];
  for (let by = 0; by < watchers; by += 1) {
    timers.push(
      setTimeout(
        () => {
          let before = hasAddress();
          timers[by] = setInterval(() => {
            const now = hasAddress();
            if (now !== before) say(now ? 'up' : 'down', by);
            before = now;
          }, INTERVAL);
        },
        (by * INTERVAL) / watchers,
      ),
    );
  }
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
});

function hasAddress(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ internal, family, scopeid }) => !internal && (family === 'IPv4' || scopeid === 0)),
  );
}
