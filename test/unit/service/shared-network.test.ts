import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort, parentPort, Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError, MonitorStoppedError } from '../../../src/errors/index.js';
import { createRetryer, type NetworkSource } from '../../../src/retry/index.js';
import { type NetworkShare, SharedNetwork, SharedNetworkError, shareNetwork } from '../../../src/service/index.js';
import type { NetworkChange, NetworkReason, NetworkState } from '../../../src/state/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { networkError, watch } from '../retry/support.js';

let owner: SimulatedNetwork;
let ownerPort: MessagePort;
let followerPort: MessagePort;
let share: NetworkShare;
let shared: SharedNetwork;
let warnings: unknown[];

beforeEach(() => {
  owner = new SimulatedNetwork();
  ({ port1: ownerPort, port2: followerPort } = new MessageChannel());
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(warning));
});

afterEach(() => {
  shared?.close();
  share?.close();
  ownerPort.close();
  vi.restoreAllMocks();
});

async function connect(): Promise<void> {
  share = shareNetwork(owner, ownerPort);
  shared = new SharedNetwork(followerPort);
  await shared.ready();
}

/** Everything that either end has sent before this has arrived and been dealt with when it resolves. */
async function roundTrip(): Promise<void> {
  await shared.report({ ok: false, error: networkError('ECONNREFUSED') });
}

/** Waits for what the other end has yet to do; the bound is for a busy machine. */
function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 15_000, interval: 5 });
}

function changesOf(source: NetworkSource): string[] {
  const changes: string[] = [];
  source.onChange(({ from, to, reason }) => changes.push(`${from} → ${to} (${reason})`));
  return changes;
}

describe('a shared network', () => {
  it('is unknown until it has heard, and then what the monitor says', async () => {
    owner.down('no-carrier');
    share = shareNetwork(owner, ownerPort);
    shared = new SharedNetwork(followerPort);
    expect([shared.state, shared.reason]).toEqual(['unknown', 'not-judged']);
    await expect(shared.waitForNetwork()).resolves.toBeUndefined();
    await shared.ready();
    expect([shared.state, shared.reason]).toEqual(['down', 'no-carrier']);
  });

  it('tells of every change, one that is over at once and another reason for the same state included', async () => {
    await connect();
    const changes = changesOf(shared);
    owner.down('unreachable');
    owner.down('no-carrier');
    owner.up();
    owner.degraded('unverified');
    await roundTrip();
    expect(changes).toEqual([
      'up → down (unreachable)',
      'down → down (no-carrier)',
      'down → up (reachable)',
      'up → degraded (unverified)',
    ]);
  });

  it('tells of an outage that is over before it can be told of', async () => {
    owner.onChange(({ to }) => {
      if (to === 'down') owner.up();
    });
    await connect();
    const changes = changesOf(shared);
    owner.down('no-carrier');
    await roundTrip();
    expect(changes).toEqual(['up → down (no-carrier)', 'down → up (reachable)']);
  });

  it('names the interface of a change', async () => {
    const source = new FakeSource();
    share = shareNetwork(source, ownerPort);
    shared = new SharedNetwork(followerPort);
    await shared.ready();
    const changes: NetworkChange[] = [];
    shared.onChange((change) => changes.push(change));
    source.change({ from: 'up', to: 'down', reason: 'no-carrier', at: 0, interface: 'eth0', checks: [] });
    await roundTrip();
    expect(changes).toMatchObject([{ to: 'down', interface: 'eth0' }]);
  });

  it('lets who waits go on when the network is back', async () => {
    owner.down();
    await connect();
    const waiting = watch(shared.waitForNetwork());
    await roundTrip();
    expect(waiting.state).toBe('pending');
    // The monitor knows that somebody waits, and watches more closely.
    expect(owner.waiters).toBe(1);
    owner.up();
    await expect(waiting.promise).resolves.toBeUndefined();
    await roundTrip();
    expect(owner.waiters).toBe(0);
  });

  it('tells the monitor when nobody waits any more', async () => {
    owner.down();
    await connect();
    const controller = new AbortController();
    const waiting = shared.waitForNetwork({ signal: controller.signal });
    await roundTrip();
    expect(owner.waiters).toBe(1);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await roundTrip();
    expect(owner.waiters).toBe(0);
  });

  it('hands a failure to the monitor, and has its finding when the report resolves', async () => {
    await connect();
    owner.downUnnoticed('unreachable');
    await shared.report({ ok: false, error: networkError('ETIMEDOUT', { cause: new Error('secret') }) });
    expect([shared.state, shared.reason]).toEqual(['down', 'unreachable']);
    expect(owner.lastOutcome).toMatchObject({ ok: false, error: { code: 'ETIMEDOUT' } });
  });

  it('finds the code of a wrapped error, and sends nothing else of it', async () => {
    await connect();
    await shared.report({ ok: false, error: new Error('secret', { cause: networkError('EHOSTUNREACH') }) });
    expect(owner.lastOutcome).toMatchObject({ ok: false, error: { code: 'EHOSTUNREACH' } });
    expect(JSON.stringify(owner.lastOutcome)).not.toContain('secret');
    await shared.report({ ok: false, error: 'thrown text' });
    expect(owner.lastOutcome).toMatchObject({ ok: false });
  });

  it('reports a success where it speaks against an outage, and nowhere else', async () => {
    owner = new SimulatedNetwork({ believesReports: true });
    await connect();
    await shared.report({ ok: true });
    expect(owner.reports).toBe(0);
    owner.down();
    await roundTrip();
    await shared.report({ ok: true });
    expect(owner.lastOutcome).toEqual({ ok: true });
    expect([shared.state, shared.reason]).toEqual(['degraded', 'checks-disagree']);
  });

  it('says that work is in flight, and is told when that is stranded', async () => {
    await connect();
    const stranded = vi.fn();
    const release = shared.track(stranded);
    await roundTrip();
    expect(owner.tracked).toBe(1);
    owner.strand('no-address');
    await roundTrip();
    expect(stranded.mock.calls).toEqual([['no-address']]);
    release();
  });

  it('does not take work that begins after a change for stranded by what went before', async () => {
    await connect();
    shared.track();
    owner.degraded();
    await roundTrip();
    shared.track();
    await roundTrip();
    expect(owner.tracked).toBe(2);
  });

  it('says when no work is in flight any more', async () => {
    await connect();
    const releases = Array.from({ length: 100 }, () => shared.track());
    await roundTrip();
    expect(owner.tracked).toBe(1);
    for (const release of releases) release();
    await eventually(async () => {
      await roundTrip();
      expect(owner.tracked).toBe(0);
    });
  });

  it('knows whether the network flaps, and when that is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      owner.flapping = true;
      await connect();
      await roundTrip();
      expect(shared.flapping).toBe(true);
      owner.flapping = false;
      await roundTrip();
      expect(shared.flapping).toBe(true);
      await vi.advanceTimersByTimeAsync(1_000);
      await roundTrip();
      expect(shared.flapping).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it('knows whether trials make sense', async () => {
    owner = new SimulatedNetwork({ allowsTrials: false });
    share = shareNetwork(owner, ownerPort);
    shared = new SharedNetwork(followerPort);
    expect(shared.allowsTrials).toBe(true);
    await shared.ready();
    expect(shared.allowsTrials).toBe(false);
  });

  it('can be shared on', async () => {
    await connect();
    const { port1, port2 } = new MessageChannel();
    using _second = shareNetwork(shared, port1);
    using far = new SharedNetwork(port2);
    await far.ready();
    const far22 = far.target('host:22');
    owner.loseDestination('host:22', 'no-route');
    await far22.waitForNetwork();
    await far22.report({ ok: false, error: networkError() });
    expect([far.state, far22.state, far22.reason]).toEqual(['up', 'down', 'no-route']);
  });
});

describe('a retryer on a shared network', () => {
  it('survives an outage on its only attempt', async () => {
    await connect();
    const retryer = createRetryer({ network: shared, retries: 0 });
    const attempts: number[] = [];
    const paused = vi.fn();
    retryer.on('pause', () => {
      paused();
      owner.up();
    });
    const answer = await retryer.run(async (attempt) => {
      attempts.push(attempt);
      if (attempts.length > 1) return 'uploaded';
      // Nobody has noticed yet: only the report of this failure reveals it.
      owner.downUnnoticed();
      throw networkError();
    });
    expect({ answer, attempts, paused: paused.mock.calls.length }).toEqual({
      answer: 'uploaded',
      attempts: [1, 1],
      paused: 1,
    });
  });

  it('ends an attempt that hangs, and begins it anew when the network is back', async () => {
    await connect();
    const retryer = createRetryer({ network: shared, retries: 0, interruptAfter: 0 });
    let attempts = 0;
    const working = retryer.run((_attempt, { signal }) => {
      attempts += 1;
      if (attempts > 1) return 'done';
      owner.down('no-carrier');
      return new Promise<string>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          owner.up();
          reject(signal.reason);
        });
      });
    });
    await expect(working).resolves.toBe('done');
    expect(attempts).toBe(2);
  });
});

describe('a target of a shared network', () => {
  it('is judged by itself', async () => {
    await connect();
    const target = shared.target('sftp.example.com:22', { via: 'proxy.example.com:3128' });
    expect(target.destination).toBe('sftp.example.com:22');
    const changes = changesOf(target);
    await roundTrip();
    owner.loseDestination('sftp.example.com:22', 'no-route');
    await roundTrip();
    expect(changes.at(-1)).toBe('up → down (no-route)');
    expect([shared.state, target.state, target.allowsTrials]).toEqual(['up', 'down', false]);
    owner.restoreDestination('sftp.example.com:22');
    await roundTrip();
    expect(target.state).toBe('up');
  });

  it('is the same object for the same destination and options', async () => {
    await connect();
    const target = shared.target('host:22', { mark: 1, interface: 'eth0' });
    expect(shared.target('host:22', { interface: 'eth0', mark: 1 })).toBe(target);
    expect(shared.target('host:22')).not.toBe(target);
    expect(shared.target('host:23', { mark: 1, interface: 'eth0' })).not.toBe(target);
  });

  it('gets its options to the monitor', async () => {
    const source = new FakeSource();
    share = shareNetwork(source, ownerPort);
    shared = new SharedNetwork(followerPort);
    shared.target('host:22', {
      via: 'proxy:1',
      source: '192.0.2.1',
      mark: 7,
      askDestination: false,
      interface: undefined,
    });
    await roundTrip();
    expect(source.targets.at(-1)).toEqual([
      'host:22',
      { via: 'proxy:1', source: '192.0.2.1', mark: 7, askDestination: false },
    ]);
  });

  it('is refused here where it cannot be one', async () => {
    await connect();
    expect(() => shared.target('')).toThrow(InvalidOptionError);
    expect(() => shared.target('host', { mark: -1 })).toThrow(InvalidOptionError);
    // @ts-expect-error: no such option
    expect(() => shared.target('host', { proxy: 'host' })).toThrow('there is no such option');
  });

  it('given as a URL is sent as what it takes to connect, however long the rest of it is', async () => {
    const source = new FakeSource();
    share = shareNetwork(source, ownerPort);
    shared = new SharedNetwork(followerPort);
    const url = `https://user:secret@[2001:db8::1]:8443/${'x'.repeat(5_000)}?token=secret`;
    const target = shared.target(url, { via: `http://user:secret@proxy:3128/${'x'.repeat(5_000)}` });
    shared.target('sftp://host/path');
    await roundTrip();
    expect(target.destination).toBe(url);
    expect(source.targets).toEqual([
      ['https://[2001:db8::1]:8443', { via: 'http://proxy:3128' }],
      ['sftp://host', {}],
    ]);
    expect([target.state, warnings]).toEqual(['up', []]);
  });

  it('is refused here where it is too long to be sent', async () => {
    await connect();
    const long = 'x'.repeat(5_000);
    expect(() => shared.target(long)).toThrow(InvalidOptionError);
    expect(() => shared.target('host', { via: long })).toThrow('SharedNetwork.target: via must be a string of at most');
    expect(() => shared.target('host', { interface: long })).toThrow(InvalidOptionError);
    await roundTrip();
    expect([shared.state, warnings]).toEqual(['up', []]);
  });

  it('that is refused at any length, or work that fails by a code of any length, ends nothing', async () => {
    const source = new FakeSource();
    source.refusal = 'x'.repeat(5_000);
    share = shareNetwork(source, ownerPort);
    shared = new SharedNetwork(followerPort);
    shared.target('not a host');
    await shared.report({ ok: false, error: networkError('E'.repeat(5_000)) });
    expect(source.reports).toBe(1);
    expect(shared.state).toBe('up');
    expect(String(warnings[0]).length).toBeLessThan(1_100);
  });

  it('that the monitor refuses pauses nothing, and the process is warned', async () => {
    const source = new FakeSource();
    share = shareNetwork(source, ownerPort);
    shared = new SharedNetwork(followerPort);
    const target = shared.target('not a host');
    const working = createRetryer({ network: target, retries: 0 }).run(() => {
      throw networkError('ECONNREFUSED');
    });
    await expect(working).rejects.toThrow('ECONNREFUSED');
    expect(target.state).toBe('unknown');
    expect(warnings).toEqual([expect.any(SharedNetworkError)]);
    expect(String(warnings[0])).toContain('no such host');
  });

  it('of a source that has none pauses nothing either', async () => {
    const { state, onChange, waitForNetwork, report } = plainSource();
    share = shareNetwork({ state, onChange, waitForNetwork, report }, ownerPort);
    shared = new SharedNetwork(followerPort);
    const target = shared.target('host:22');
    await target.report({ ok: false, error: networkError() });
    expect([shared.state, target.state]).toEqual(['up', 'unknown']);
    expect(String(warnings[0])).toContain('has no target()');
  });

  it('is given up at the other end when many others were asked about since, and taken up again with the next work', async () => {
    await connect();
    const first = shared.target('host:1');
    const used = shared.target('host:2');
    const changes = changesOf(used);
    for (let port = 3; port <= 200; port += 1) shared.target(`host:${port}`);
    await roundTrip();
    // The host's own network, a hundred idle destinations, and the one in use.
    expect(owner.listeners).toBe(102);
    owner.loseDestination('host:1');
    owner.loseDestination('host:2');
    await roundTrip();
    expect(first.state).toBe('unknown');
    expect(changes.at(-1)).toBe('up → down (no-route)');

    const release = first.track();
    await roundTrip();
    expect(first.state).toBe('down');
    expect(owner.listeners).toBe(103);
    release();
  });
});

describe('an owner that goes', () => {
  it.each([
    { how: 'ends the sharing', go: () => share.close() },
    { how: 'closes the port, or dies', go: () => ownerPort.close() },
  ])('and $how holds nothing up', async ({ go }) => {
    owner.down();
    await connect();
    const changes = changesOf(shared);
    const waiting = shared.waitForNetwork();
    go();
    await expect(waiting).resolves.toBeUndefined();
    expect(changes).toEqual(['down → unknown (not-judged)']);
    await shared.report({ ok: false, error: networkError() });
    await shared.waitForNetwork();
    await shared.ready();
    const target = shared.target('host:22');
    await target.report({ ok: false, error: networkError() });
    expect([shared.state, target.state]).toEqual(['unknown', 'unknown']);
    shared.track()();
  });

  it('while a report is on its way does not leave that waiting', async () => {
    const source = new FakeSource();
    source.answersReports = false;
    share = shareNetwork(source, ownerPort);
    shared = new SharedNetwork(followerPort);
    await shared.ready();
    const reporting = shared.report({ ok: false, error: networkError() });
    await eventually(() => expect(source.reports).toBe(1));
    ownerPort.close();
    await expect(reporting).resolves.toBeUndefined();
  });

  it('by stopping its monitor ends every wait as a monitor does', async () => {
    owner.down();
    await connect();
    const waiting = shared.waitForNetwork();
    await roundTrip();
    owner.stop();
    await expect(waiting).rejects.toBeInstanceOf(MonitorStoppedError);
    expect([shared.state, shared.reason]).toEqual(['unknown', 'stopped']);
    await expect(shared.waitForNetwork()).rejects.toBeInstanceOf(MonitorStoppedError);
    owner.up();
    await roundTrip();
    await expect(shared.waitForNetwork()).resolves.toBeUndefined();
  });

  it('never was there: nothing is held up, and ready() says so after a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      shared = new SharedNetwork(followerPort);
      const ready = watch(shared.ready());
      await vi.advanceTimersByTimeAsync(5_000);
      await ready.promise;
      await shared.waitForNetwork();
      const reporting = watch(shared.report({ ok: false, error: networkError() }));
      await vi.advanceTimersByTimeAsync(30_000);
      await reporting.promise;
      expect(shared.state).toBe('unknown');
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('an owner that hangs', () => {
  let channel: FakeIpc;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    channel = new FakeIpc();
    share = shareNetwork(owner, channel.owner);
    shared = new SharedNetwork(channel.follower);
  });
  afterEach(() => {
    shared.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('during an outage holds nobody up for longer than half a minute, and is believed again as soon as it is heard', async () => {
    owner.down('no-carrier');
    const target = shared.target('host:22');
    const changes = changesOf(shared);
    const waiting = [watch(shared.waitForNetwork()), watch(target.waitForNetwork())];
    channel.owner.hang();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(waiting.map(({ state }) => state)).toEqual(['pending', 'pending']);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(waiting.map(({ promise }) => promise));
    expect([shared.state, target.state]).toEqual(['unknown', 'unknown']);
    expect(vi.getTimerCount()).toBe(0);

    owner.down('link-down');
    channel.owner.wake();
    expect([shared.reason, target.reason]).toEqual(['link-down', 'link-down']);
    const again = shared.waitForNetwork();
    // It is told of the wait as well.
    expect(owner.waiters).toBe(1);
    owner.up();
    await again;
    expect(changes).toEqual(['down → unknown (not-judged)', 'unknown → down (link-down)', 'down → up (reachable)']);
  });

  it('is asked every ten seconds for a sign of life while an outage holds somebody up, and not otherwise', async () => {
    const pings = () => channel.owner.heard.filter((message) => Reflect.get(Object(message), 'type') === 'ping').length;
    owner.down();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([pings(), vi.getTimerCount()]).toEqual([0, 0]);
    const waiting = watch(shared.waitForNetwork({ unref: true }));
    await vi.advanceTimersByTimeAsync(600_000);
    expect([pings(), waiting.state, shared.state]).toEqual([60, 'pending', 'down']);
    owner.up();
    await waiting.promise;
    const release = shared.track();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pings()).toBe(60);
    release();
  });

  it('while the network is up is not believed any more once it has not answered a report', async () => {
    channel.owner.hang();
    const reporting = watch(shared.report({ ok: false, error: networkError() }));
    await vi.advanceTimersByTimeAsync(29_999);
    expect([reporting.state, shared.state]).toEqual(['pending', 'up']);
    await vi.advanceTimersByTimeAsync(1);
    await reporting.promise;
    expect(shared.state).toBe('unknown');
    channel.owner.wake();
    await eventually(() => expect(shared.state).toBe('up'));
  });

  it('is not asked again about what it refused, however often it is heard', async () => {
    const source = new FakeSource();
    const refusing = new FakeIpc();
    using _share = shareNetwork(source, refusing.owner);
    using network = new SharedNetwork(refusing.follower);
    network.target('not a host');
    for (let count = 0; count < 10; count += 1) {
      source.change({ from: 'up', to: 'degraded', reason: 'unverified', at: 0, checks: [] });
    }
    expect([source.targets.length, warnings.length]).toEqual([1, 1]);
  });
});

describe('several that follow in one process', () => {
  it('see each its own destinations, and one that closes leaves the others theirs', async () => {
    const channel = new FakeIpc();
    share = shareNetwork(owner, channel.owner);
    using first = new SharedNetwork(channel.follower);
    using second = new SharedNetwork(channel.follower);
    const one = first.target('host:1');
    const other = second.target('host:2');
    owner.loseDestination('host:2');
    expect([one.state, other.state]).toEqual(['up', 'down']);
    owner.restoreDestination('host:2');
    owner.loseDestination('host:1');
    expect([one.state, other.state]).toEqual(['down', 'up']);
    second.close();
    expect([second.state, first.state, one.state]).toEqual(['unknown', 'up', 'down']);
    owner.restoreDestination('host:1');
    expect([one.state, owner.listeners]).toEqual(['up', 2]);
  });

  it('get each the answer to its own reports, and word of its own stranded work', async () => {
    const channel = new FakeIpc();
    share = shareNetwork(owner, channel.owner);
    using first = new SharedNetwork(channel.follower);
    using second = new SharedNetwork(channel.follower);
    const stranded = [vi.fn(), vi.fn()];
    first.track(stranded[0]);
    second.track(stranded[1]);
    expect(owner.tracked).toBe(2);
    await Promise.all([first, second].map((network) => network.report({ ok: false, error: networkError() })));
    expect(owner.reports).toBe(2);
    owner.strand('no-address');
    expect(stranded.map((listener) => listener.mock.calls)).toEqual([[['no-address']], [['no-address']]]);
  });
});

describe('an owner that comes late, or again, on a channel of processes', () => {
  it('is told at once of all that is needed of it', async () => {
    const channel = new FakeIpc();
    shared = new SharedNetwork(channel.follower);
    shared.track();
    const target = shared.target('host:22');
    target.track();
    for (const network of [new SimulatedNetwork(), new SimulatedNetwork()]) {
      network.loseDestination('host:22');
      const again = shareNetwork(network, channel.owner);
      expect([shared.state, target.state]).toEqual(['up', 'down']);
      expect(network).toMatchObject({ tracked: 2, listeners: 2 });
      again.close();
      expect([shared.state, target.state]).toEqual(['unknown', 'unknown']);
      expect(network).toMatchObject({ tracked: 0, listeners: 0 });
    }
  });

  it('leaves the messages of the program alone, and no listener behind', () => {
    const channel = new FakeIpc();
    const heard: unknown[] = [];
    channel.owner.on('message', (message) => heard.push(message));
    share = shareNetwork(owner, channel.owner);
    shared = new SharedNetwork(channel.follower);
    channel.follower.send('a job is done');
    expect(heard).toContain('a job is done');
    expect(shared.state).toBe('up');
    shared.close();
    share.close();
    expect([channel.owner, channel.follower].map((end) => end.listenerCount('message'))).toEqual([1, 0]);
    expect([channel.owner, channel.follower].map((end) => end.listenerCount('disconnect'))).toEqual([0, 0]);
    expect(warnings).toEqual([]);
  });
});

describe('a follower that goes', () => {
  it.each([
    { how: 'closes', go: () => shared.close() },
    { how: 'dies', go: () => followerPort.close() },
  ])('and $how leaves nothing at the monitor', async ({ go }) => {
    owner.down();
    await connect();
    shared.waitForNetwork().catch(() => {});
    shared.track();
    shared.target('host:22').track();
    await roundTrip();
    expect(owner).toMatchObject({ waiters: 1, tracked: 2, listeners: 2 });
    go();
    await eventually(() => expect(owner).toMatchObject({ waiters: 0, tracked: 0, listeners: 0 }));
  });

  it('by close() settles its own waiters as a stopped monitor does, and may close again', async () => {
    owner.down();
    await connect();
    const waiting = shared.waitForNetwork();
    const changes = changesOf(shared);
    shared.close();
    shared.close();
    await expect(waiting).rejects.toBeInstanceOf(MonitorStoppedError);
    expect(changes).toEqual(['down → unknown (stopped)']);
    expect(shared.target('host:22').reason).toBe('stopped');
  });

  it('at the end of a block is disposed of', async () => {
    share = shareNetwork(owner, ownerPort);
    {
      using network = new SharedNetwork(followerPort);
      await network.ready();
      expect(owner.listeners).toBe(1);
    }
    await eventually(() => expect(owner.listeners).toBe(0));
  });
});

describe('messages that make no sense', () => {
  it('end the sharing at the follower, which knows nothing from then on and says so', async () => {
    shared = new SharedNetwork(followerPort);
    ownerPort.postMessage('a message of the program');
    ownerPort.postMessage({ 'netpause/shared-network': 99, type: 'hello' });
    await eventually(() => expect(warnings).toEqual([expect.any(SharedNetworkError)]));
    expect(String(warnings[0])).toContain('speaks version 99');
    expect(shared.state).toBe('unknown');
    await shared.waitForNetwork();
  });

  it('end the sharing at the owner, which leaves nothing behind and says so', async () => {
    share = shareNetwork(owner, ownerPort);
    followerPort.postMessage('a message of the program');
    followerPort.postMessage({ 'netpause/shared-network': 2, type: 'open', follower: 'a', source: 0 });
    followerPort.postMessage({ 'netpause/shared-network': 2, type: 'open', follower: 'a', source: 'all of them' });
    await eventually(() => expect(warnings).toEqual([expect.any(SharedNetworkError)]));
    expect(owner.listeners).toBe(0);
  });

  it('are noticed where both ends believe that they have the monitor', async () => {
    share = shareNetwork(owner, ownerPort);
    shareNetwork(owner, followerPort);
    await eventually(() => expect(warnings).toContainEqual(expect.any(SharedNetworkError)));
  });

  it('cannot make the owner keep more than a bound', async () => {
    share = shareNetwork(owner, ownerPort);
    followerPort.postMessage({ 'netpause/shared-network': 2, type: 'open', follower: 'a', source: 0 });
    for (let work = 0; work <= 10_000; work += 1) {
      followerPort.postMessage({ 'netpause/shared-network': 2, type: 'track', follower: 'a', source: 0, work });
    }
    await eventually(() => expect(warnings).toEqual([expect.any(SharedNetworkError)]));
    expect(owner).toMatchObject({ tracked: 0, listeners: 0 });
  });
});

describe('what is no channel', () => {
  it.each([undefined, null, 7, {}, new EventEmitter()])('is refused: %o', (end) => {
    // @ts-expect-error: that is the point
    expect(() => new SharedNetwork(end)).toThrow(InvalidOptionError);
    // @ts-expect-error: that is the point
    expect(() => shareNetwork(owner, end)).toThrow(InvalidOptionError);
  });

  it('is refused where listening would change how long a worker lives', async () => {
    const worker = new Worker('', { eval: true });
    // @ts-expect-error: it is no channel of its own
    expect(() => shareNetwork(owner, worker)).toThrow('a MessagePort of its own');
    await worker.terminate();
    // Vitest runs its tests in forked processes or in threads.
    if (parentPort !== null) expect(() => new SharedNetwork(parentPort ?? followerPort)).toThrow(InvalidOptionError);
  });

  it('nor is anything a network that is none', () => {
    // @ts-expect-error: that is the point
    expect(() => shareNetwork({}, ownerPort)).toThrow(InvalidOptionError);
  });
});

/** A source whose every part is at the test's command. */
class FakeSource implements NetworkSource {
  state: NetworkState = 'up';
  reason: NetworkReason = 'reachable';
  readonly targets: unknown[] = [];
  reports = 0;
  answersReports = true;
  refusal = 'no such host';
  readonly #changes = new EventEmitter();

  change(change: NetworkChange): void {
    this.state = change.to;
    this.reason = change.reason;
    this.#changes.emit('change', change);
  }

  onChange(listener: (change: NetworkChange) => void): () => void {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  async waitForNetwork(): Promise<void> {}

  report(): Promise<void> {
    this.reports += 1;
    return this.answersReports
      ? Promise.reject(new Error('a report must not reject, but this does'))
      : new Promise(() => {});
  }

  target(...args: readonly unknown[]): NetworkSource {
    this.targets.push(args);
    if (args[0] === 'not a host') throw new Error(this.refusal);
    return this;
  }
}

/** The two ends of an IPC channel, on which a message is there as soon as it is sent. */
class FakeIpc {
  readonly owner: FakeIpcEnd = new FakeIpcEnd(() => this.follower);
  readonly follower: FakeIpcEnd = new FakeIpcEnd(() => this.owner);
}

class FakeIpcEnd extends EventEmitter {
  /** All that has arrived. */
  readonly heard: unknown[] = [];
  readonly #other: () => FakeIpcEnd;
  #kept: (() => void)[] | undefined;

  constructor(other: () => FakeIpcEnd) {
    super();
    this.#other = other;
  }

  send(message: unknown): void {
    this.#act(() => this.#other().receive(message));
  }

  receive(message: unknown): void {
    this.#act(() => {
      this.heard.push(message);
      this.emit('message', message);
    });
  }

  /** From now on nothing gets in or out; it is kept, as it is for a process that does not get to its messages. */
  hang(): void {
    this.#kept = [];
  }

  wake(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const act of kept) act();
  }

  #act(act: () => void): void {
    if (this.#kept === undefined) act();
    else this.#kept.push(act);
  }
}

function plainSource(): NetworkSource {
  return { state: 'up', onChange: () => () => {}, waitForNetwork: async () => {}, report: async () => {} };
}
