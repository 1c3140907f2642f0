import { Redis } from 'ioredis';
import { readExpectedMembers } from '../../src/ring/expected/index.js';
import { createRegistry, createRingStore } from '../../src/ring/registry/index.js';

/** A registry of its own process, so that it can be killed. Arguments: the port of Redis; a webhook's address. It writes where it listens. */
const [redisPort = '', webhook] = process.argv.slice(2);
const client = new Redis(Number(redisPort), '127.0.0.1', { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
await new Promise((resolve) => client.once('ready', resolve));
const registry = await createRegistry({
  port: 0,
  rate: { perSecond: 1e6, burst: 1e6 },
  store: createRingStore({ client, surveyInterval: 200 }),
  ...(webhook !== undefined && {
    webhooks: [{ url: webhook }],
    expected: readExpectedMembers({
      expected_members: {
        locations: { dc1: { expected_count: 1, criticality: 'high', grace_period: 0 } },
        settings: {
          check_interval: 1,
          location_establishment_time: 0,
          alerts: { critical_missing_threshold: 9, total_missing_threshold: 9 },
        },
      },
    }),
  }),
});
process.stdout.write(`${registry.url}\n`);
