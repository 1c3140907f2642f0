import { Redis } from 'ioredis';
import { createRetryer, NetworkMonitor } from '../../src/index.js';
import { type ClientStage, play } from '../stage/index.js';

/**
 * A counter and a list of readings in Redis, while the cable is pulled:
 *
 *     npx tsx examples/databases/redis.ts
 */
await play(import.meta.url, {
  port: 6379,
  server: {
    command: (folder) => ['redis-server', '--port', '6379', '--dir', folder, '--save', '', '--protected-mode', 'no'],
  },
  client: work,
});

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();

  const redis = new Redis({
    host,
    port,
    connectTimeout: 1_000,
    retryStrategy: () => 100,
    // Otherwise ioredis sends again by itself what it has had no answer to: an INCR would count twice.
    autoResendUnfulfilledCommands: false,
    // How long a command waits for its connection is for netpause to say.
    maxRetriesPerRequest: null,
  });
  redis.on('error', () => {});

  const retryer = createRetryer({
    network: monitor.target(`${host}:${port}`),
    retries: 3,
    minTimeout: 100,
    // A command over a dead link hangs. It is given up half a second after the link was lost, and as much later without its answer.
    interruptAfter: 500,
    abandon: 500,
    onPause: ({ reason }) => {
      say(`waits for the network (${reason})`);
      // The old connection would hang on for minutes after the link is back; ioredis makes a new one.
      redis.disconnect(true);
    },
    onResume: () => say('goes on'),
  });
  retryer.on('failure', ({ spent }) => spent && say('an attempt was spent'));

  // Done twice it is as if done once: repeated.
  const store = retryer.wrap((key: string, value: string) => redis.set(key, value));
  // Done twice it counts twice: neither interrupted nor repeated once it may have been sent. Its caller is told, and decides.
  const count = retryer.wrap((key: string) => redis.incr(key), { idempotent: false });

  for (let reading = 1; reading <= 10; reading += 1) {
    if (reading === 6) await loseNetwork();
    await store(`reading:${reading}`, `${20 + reading / 10} °C`);
    if (reading < 6) say(`stored reading ${reading}, ${await count('readings')} in all`);
    else say(`stored reading ${reading}`);
  }

  const kept = await redis.keys('reading:*');
  say(`${kept.length} readings, and the counter says ${await redis.get('readings')}`);
  redis.disconnect();
}
