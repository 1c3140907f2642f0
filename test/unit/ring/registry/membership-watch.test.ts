import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AlertEvent, type ExpectedMembers, readExpectedMembers } from '../../../../src/ring/expected/index.js';
import { MembershipWatch } from '../../../../src/ring/registry/membership-watch.js';
import { OwnSight } from '../../../../src/ring/registry/own-sight.js';
import { RingBook } from '../../../../src/ring/registry/ring-book.js';
import { MemoryStore } from '../../../../src/store/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';

const MEMBER_TTL = 300_000;
const TTLS = { member: MEMBER_TTL, report: 300_000, deregistered: 3_600_000, outage: 86_400_000 };
const MINUTE = 60_000;

/** Two are expected, a minute may pass. */
const EXPECTED = readExpectedMembers({
  expected_members: {
    locations: { dc1: { expected_count: 2, criticality: 'high', grace_period: 60 } },
    settings: { check_interval: 10, location_establishment_time: 0, alerts: { critical_missing_threshold: 9 } },
  },
});

describe('a watch over the members', () => {
  let store: MemoryStore;
  let book: RingBook;
  let network: SimulatedNetwork;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    vi.useFakeTimers();
    store = new MemoryStore();
    await store.start();
    book = new RingBook(store, TTLS);
    network = new SimulatedNetwork();
    await heard('a', 'b');
  });

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await store.close();
    vi.useRealTimers();
  });

  it('tells once that one is missing, after the grace period, and once that it is back', async () => {
    const { told } = started();
    await pass(5 * MINUTE, 'a', 'b');
    expect(told()).toEqual([]);
    await pass(MEMBER_TTL + 30_000, 'a');
    expect(told()).toEqual([]);
    await pass(MINUTE, 'a');
    expect(told()).toEqual(['raised error:location:dc1']);
    await pass(10 * MINUTE, 'a');
    await heard('b');
    await pass(10 * MINUTE, 'a', 'b');
    expect(told()).toEqual(['raised error:location:dc1', 'resolved error:location:dc1']);
  });

  it('lets one of several registries tell, and another when that one has gone', async () => {
    const one = started();
    await pass(MINUTE, 'a', 'b');
    const two = started();
    await pass(MINUTE, 'a', 'b');
    const three = started();
    await book.deregister('b');
    await pass(2 * MINUTE, 'a');
    const all = [one, two, three];
    expect(all.map(({ told }) => told().length)).toEqual([1, 0, 0]);
    await one.watch.stop();
    await heard('b');
    await pass(MINUTE, 'a', 'b');
    expect(all.map(({ told }) => told().length)).toEqual([1, 1, 0]);
    // It dies without a word.
    vi.spyOn(two.sight, 'isClear', 'get').mockImplementation(() => {
      throw new Error('dead');
    });
    await book.deregister('b');
    await pass(3 * MINUTE, 'a');
    expect(all.map(({ told }) => told().length)).toEqual([1, 1, 1]);
    expect(three.watch.judgement.standing).toHaveLength(1);
  });

  it('leaves it to the one that was there first, however many come', async () => {
    const first = started();
    await pass(MINUTE, 'a', 'b');
    // Their rounds come before those of the first.
    await vi.advanceTimersByTimeAsync(5_000);
    const others = Array.from({ length: 10 }, () => started());
    await book.deregister('b');
    await pass(3 * MINUTE, 'a');
    expect(first.told()).toHaveLength(1);
    expect(others.flatMap(({ told }) => told())).toEqual([]);
  });

  it('hands over what it has not told yet, and nothing that it has', async () => {
    const one = started({ notify: () => new Promise(() => {}) });
    await book.deregister('b');
    await pass(2 * MINUTE, 'a');
    expect(one.told()).toHaveLength(1);
    await one.watch.stop();
    const two = started();
    await pass(MINUTE, 'a');
    expect(two.told()).toEqual(['raised error:location:dc1']);
    await two.watch.stop();
    const three = started();
    await pass(MINUTE, 'a');
    expect(three.told()).toEqual([]);
  });

  it('blames nobody for its own outage, however long', async () => {
    const { told, watch } = started();
    await pass(MINUTE, 'a', 'b');
    network.down();
    // Nobody can be heard.
    await vi.advanceTimersByTimeAsync(3 * 3_600_000);
    expect(book.active()).toEqual([]);
    expect(told()).toEqual([]);
    expect(watch.judgement.verdicts).toMatchObject([{ status: 'healthy', actual: 2 }]);
    network.up();
    await pass(50_000);
    network.down();
    await pass(10_000);
    network.up();
    // They come back by and by.
    await pass(100_000);
    await heard('a', 'b');
    await pass(20 * MINUTE, 'a', 'b');
    expect(told()).toEqual([]);
    await book.deregister('b');
    await pass(2 * MINUTE, 'a');
    expect(told()).toHaveLength(1);
  });

  it('knows after its own outage what it knew before, and lets no time of it count', async () => {
    const { told } = started();
    await pass(MINUTE, 'a', 'b');
    await book.deregister('b');
    await pass(30_000, 'a');
    network.down();
    await pass(2 * MINUTE);
    network.up();
    // As long as it was offline it only listens.
    await pass(2 * MINUTE + 20_000, 'a');
    expect(told()).toEqual([]);
    await pass(20_000, 'a');
    expect(told()).toEqual(['raised error:location:dc1']);
  });

  it('raises and resolves nothing while its network flaps, and tells of an alert that stood that it is over', async () => {
    const { told } = started();
    await book.deregister('b');
    await pass(2 * MINUTE, 'a');
    expect(told()).toHaveLength(1);
    for (let count = 0; count < 20; count += 1) {
      network.down();
      await pass(15_000, 'a');
      network.up();
      await pass(10_000, 'a', 'b');
    }
    await heard('b');
    expect(told()).toHaveLength(1);
    await pass(10 * MINUTE, 'a', 'b');
    expect(told()).toEqual(['raised error:location:dc1', 'resolved error:location:dc1']);
  });

  it('takes no time for missing in which no registry was there', async () => {
    const one = started();
    await pass(MINUTE, 'a', 'b');
    await one.watch.stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    const two = started();
    await pass(100_000);
    await heard('a', 'b');
    await pass(20 * MINUTE, 'a', 'b');
    expect([...one.told(), ...two.told()]).toEqual([]);
  });

  it('is not confused by a state of another shape', async () => {
    for (const value of [{ state: 5 }, { state: { locations: 1, raised: [] }, untold: [null], judgedAt: 'x' }]) {
      await store.put('expected', 'state', value, MINUTE);
      const { told, watch } = started();
      await pass(MINUTE, 'a', 'b');
      expect(told()).toEqual([]);
      expect(watch.judgement.verdicts).toMatchObject([{ status: 'healthy' }]);
      await watch.stop();
    }
  });

  function started({ notify = () => Promise.resolve() }: { readonly notify?: () => Promise<void> } = {}) {
    const events: AlertEvent[] = [];
    const sight = new OwnSight({ store, monitor: network, memberTtl: MEMBER_TTL });
    const expected: ExpectedMembers = EXPECTED;
    const watch = new MembershipWatch({
      book,
      store,
      expected,
      sight,
      onError: () => {},
      notify: (event) => {
        events.push(event);
        return notify();
      },
    });
    sight.start();
    watch.start();
    stops.push(async () => {
      await watch.stop();
      sight.stop();
    });
    return { watch, sight, told: () => events.map(({ event, alert }) => `${event} ${alert.key}`) };
  }

  /** So much time, in which those are heard of. */
  async function pass(duration: number, ...ids: readonly string[]): Promise<void> {
    for (let passed = 0; passed < duration; passed += 10_000) {
      for (const id of ids) await book.heartbeat(id);
      await vi.advanceTimersByTimeAsync(10_000);
    }
  }

  async function heard(...ids: readonly string[]): Promise<void> {
    for (const id of ids) await book.register({ instance_id: id, location: 'dc1', ip: '192.0.2.1', port: 8757 });
  }
});
