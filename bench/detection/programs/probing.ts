import { connect } from 'node:net';
import { serveWatcher } from '../watcher.js';

const INTERVAL = 5_000;
/** The default of is-online's option `timeout`. */
const TIMEOUT = 5_000;

/** Whether somebody beyond this host answers, asked every five seconds. */
serveWatcher(async (say, { checkHosts: [host = ''] = [], checkPort = 53, watchers = 1 }) => {
  const timers: NodeJS.Timeout[] = [];
  const stop = new AbortController();
  const begin = (by: number) => {
    let before = true;
    const probe = async () => {
      const now = await answers(host, checkPort, stop.signal);
      if (!stop.signal.aborted && now !== before) say(now ? 'up' : 'down', by);
      before = now;
    };
    void probe();
    timers[by] = setInterval(() => void probe(), INTERVAL);
  };
  for (let by = 0; by < watchers; by += 1) timers.push(setTimeout(() => begin(by), (by * INTERVAL) / watchers));
  return () => {
    stop.abort();
    for (const timer of timers) clearInterval(timer);
  };
});

/** A refusal comes from beyond this host, too. */
function answers(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    const end = (answered: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    const timer = setTimeout(() => end(false), TIMEOUT);
    socket.once('connect', () => end(true));
    socket.once('error', (error) => end('code' in error && error.code === 'ECONNREFUSED'));
  });
}
