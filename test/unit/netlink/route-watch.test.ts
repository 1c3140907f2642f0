import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FilterInstruction, SystemCallError } from '../../../native/index.js';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { parseIp } from '../../../src/names/address-text.js';
import { buildRouteFilter, MOST_DESTINATIONS } from '../../../src/netlink/route-filter.js';
import { RouteWatch } from '../../../src/netlink/route-watch.js';

const ENOMEM = 12;
const A = '192.0.2.1';
const B = '198.51.100.1';
const C = '2001:db8::1';
const addresses = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `192.0.2.${index}`);
const filterFor = (...texts: readonly string[]) =>
  buildRouteFilter(texts.map(parseIp).filter((ip) => ip !== undefined));

class FakeSocket {
  filter: readonly FilterInstruction[] | undefined;
  attached = 0;
  refusing = false;

  attachFilter(instructions: readonly FilterInstruction[]): void {
    this.attached += 1;
    if (this.refusing) throw new SystemCallError('setsockopt', ENOMEM);
    this.filter = instructions;
  }

  detachFilter(): void {
    this.filter = undefined;
  }
}

describe('the watch over routes', () => {
  let socket: FakeSocket;
  let unheard: number;
  let watch: RouteWatch;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    socket = new FakeSocket();
    unheard = 0;
    watch = new RouteWatch(socket, () => {
      // Whatever is judged anew now has to be judged by a socket that hears everything.
      expect(socket.filter).toBeUndefined();
      unheard += 1;
    });
  });
  afterEach(() => {
    watch.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const settle = () => vi.advanceTimersByTime(1_000);

  it('attaches a filter once it knows the destinations, and not within the call that tells them', () => {
    watch.watch([A, C]);
    expect(socket.filter).toBeUndefined();
    vi.advanceTimersByTime(0);
    expect(socket.filter).toEqual(filterFor(A, C));
    expect(unheard).toBe(0);
  });

  it('takes it off at once for a destination that is new, says so, and attaches another a second after the first', () => {
    watch.watch([A]);
    vi.advanceTimersByTime(0);
    watch.watch([A, B]);
    expect(socket.filter).toBeUndefined();
    expect(unheard).toBe(1);
    vi.advanceTimersByTime(999);
    expect(socket.filter).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(socket.filter).toEqual(filterFor(A, B));
  });

  it('has nothing judged anew while everything is heard anyway', () => {
    watch.watch([A]);
    watch.watch([B]);
    watch.watch([A, B, C]);
    settle();
    expect(unheard).toBe(0);
    expect(socket.filter).toEqual(filterFor(A, B, C));
  });

  it('attaches one filter for many destinations that come one after the other', () => {
    for (const count of [1, 2, 3, 4, 5]) watch.watch(addresses(count));
    settle();
    expect(socket.attached).toBe(1);
    expect(socket.filter).toEqual(filterFor(...addresses(5)));
  });

  it('leaves the filter alone where it knows all destinations, also those that had gone and come back', () => {
    watch.watch([A, B]);
    settle();
    watch.watch([A]);
    settle();
    watch.watch([A, B]);
    watch.watch([B]);
    settle();
    expect([socket.attached, unheard]).toEqual([1, 0]);
    watch.watch([B, C]);
    settle();
    watch.watch([A]);
    expect([socket.attached, unheard]).toEqual([2, 1]);
  });

  it('forgets the destinations that are watched no more when there is no room for them', () => {
    watch.watch(addresses(MOST_DESTINATIONS));
    settle();
    watch.watch([B]);
    settle();
    expect(socket.filter).toEqual(filterFor(B));
    watch.watch(addresses(1));
    expect(unheard).toBe(2);
  });

  it('has no filter above a number of destinations, and one again below it', () => {
    watch.watch([A]);
    settle();
    watch.watch(addresses(MOST_DESTINATIONS + 1));
    settle();
    expect(socket.filter).toBeUndefined();
    watch.watch([A]);
    settle();
    expect(socket.filter).toEqual(filterFor(A));
  });

  it('reads no more destinations than it needs to see that there are too many', () => {
    let read = 0;
    function* endless(): Iterable<string> {
      for (;;) {
        read += 1;
        yield A;
      }
    }
    watch.watch(endless());
    expect(read).toBe(MOST_DESTINATIONS + 1);
  });

  it("hears everything again with 'all', also when that comes before the filter", () => {
    watch.watch([A]);
    settle();
    watch.watch('all');
    expect(socket.filter).toBeUndefined();
    settle();
    expect(socket.filter).toBeUndefined();
    watch.watch([A]);
    watch.watch('all');
    settle();
    expect(socket.filter).toBeUndefined();
  });

  it('does without where the kernel refuses, and does not ask again for as much', () => {
    socket.refusing = true;
    watch.watch(addresses(10));
    settle();
    watch.watch(addresses(11));
    settle();
    watch.watch(addresses(10));
    settle();
    expect([socket.attached, socket.filter, unheard]).toEqual([1, undefined, 0]);
    socket.refusing = false;
    watch.watch(addresses(9));
    settle();
    expect(socket.filter).toEqual(filterFor(...addresses(9)));
  });

  it('has no filter left from before when the kernel refuses the next one', () => {
    watch.watch([A]);
    settle();
    socket.refusing = true;
    watch.watch([A, B]);
    settle();
    expect([socket.attached, socket.filter]).toEqual([2, undefined]);
  });

  it.each(['example.com', 'fe80::1%eth0', '', '192.0.2'])('refuses %j, and goes on as before', (wrong) => {
    watch.watch([A]);
    settle();
    expect(() => watch.watch([B, wrong])).toThrow(InvalidOptionError);
    settle();
    expect([socket.filter, unheard]).toEqual([filterFor(A), 0]);
  });

  it('attaches nothing once it is closed', () => {
    watch.watch([A]);
    watch.close();
    settle();
    expect(socket.attached).toBe(0);
  });
});
