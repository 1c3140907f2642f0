import { expect, it } from 'vitest';
import type { NetworkSource } from '../../../../src/retry/index.js';
import { wayToRegistries } from '../../../../src/ring/member/way-to-registries.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';

const [ONE, OTHER] = ['http://192.0.2.1:8756', 'https://[2001:db8::1]/ring'];
const DESTINATIONS = ['192.0.2.1:8756', '[2001:db8::1]:443'] as const;

it('is what is known of the way to the only registry', () => {
  const network = new SimulatedNetwork();
  const way = wayToRegistries([ONE], () => ONE, network);
  network.loseDestination(DESTINATIONS[0]);
  expect([network.state, way?.state]).toEqual(['up', 'down']);
});

it('is lost when the ways to all of several are, and there again with the first of them', async () => {
  const network = new SimulatedNetwork();
  const way = several(network, () => ONE);
  const changes: string[] = [];
  const unsubscribe = way.onChange(({ from, to }) => changes.push(`${from} to ${to}`));
  network.loseDestination(DESTINATIONS[0]);
  expect(way.state).toBe('up');
  await way.waitForNetwork();
  network.loseDestination(DESTINATIONS[1]);
  expect(way.state).toBe('down');
  const waiting = way.waitForNetwork();
  network.restoreDestination(DESTINATIONS[1]);
  await waiting;
  expect(changes).toEqual(['up to down', 'down to up']);
  unsubscribe();
  expect(network).toMatchObject({ listeners: 0, waiters: 0 });
});

it('says of the way that work took what became of it, and nothing of the others', async () => {
  const network = new SimulatedNetwork();
  const told: string[] = [];
  const watched = {
    ...{ onChange: network.onChange.bind(network), waitForNetwork: network.waitForNetwork.bind(network) },
    state: network.state,
    report: async () => {},
    target: (destination: string) => {
      const target = network.target(destination);
      return Object.assign(Object.create(target), { report: async () => void told.push(destination) });
    },
  };
  let current = OTHER;
  const way = wayToRegistries([ONE, OTHER], () => current, watched);
  await way?.report({ ok: true });
  current = ONE;
  await way?.report({ ok: true });
  expect(told).toEqual([DESTINATIONS[1], DESTINATIONS[0]]);
});

it('ends a wait when it is told to', async () => {
  const network = new SimulatedNetwork({ state: 'down' });
  const abort = new AbortController();
  const waiting = several(network, () => ONE).waitForNetwork({ signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(network.waiters).toBe(0);
});

function several(network: SimulatedNetwork, current: () => string): NetworkSource {
  const way = wayToRegistries([ONE, OTHER], current, network);
  if (way === undefined) throw new Error('there is no way');
  return way;
}
