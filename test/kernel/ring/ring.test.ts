import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { isInstalled } from '../../servers/require-program.js';
import { type Fault, Faults } from './faults.js';
import { monotonic } from './programs/journal.js';
import { comesTrue, RingLab } from './ring-lab.js';
import { Trials } from './trials.js';

const hasRedis = isInstalled('redis-server');

/** Milliseconds. For a machine that is busy with other tests: how fast it can be is measured by the soak. */
const PACE = { interval: 1_000, timeout: 2_000 };

/** How many times its bound a fault may take to be shown: how long it takes by itself is measured by the soak. */
const PATIENCE = 5;

const BOTH = ['first', 'second'] as const;
const NAMES = ['s1', 's2', 's3', 's4', 's5', 's6'];

/** Kilobytes. */
const MOST_MEMORY = 150_000;

describeInLab('a ring of six sites', ['nft'], () => {
  let ring: RingLab;
  let trials: Trials;
  let faults: Faults;

  beforeAll(async () => {
    ring = await RingLab.create({ ...PACE, store: hasRedis ? 'redis' : 'memory' });
    await ring.startRegistry();
    // The second is not there yet.
    await ring.startMembers(BOTH);
    faults = new Faults(ring);
    trials = new Trials(ring, PATIENCE);
    await trials.settle();
  });
  afterAll(() => ring?.[Symbol.asyncDispose]());

  /** It is seen by whoever can see it, by nobody else, and no more when it is over. */
  async function isToldRight(fault: Fault, hold?: number): Promise<void> {
    const { problems, falseBlame } = await trials.run(fault, hold);
    expect({ problems, falseBlame }).toEqual({ problems: [], falseBlame: [] });
  }

  it('tells an outage of its own from that of others, with its times, at any site', async () => {
    await isToldRight(faults.cables('s4', 's5'));
  });

  it("tells of it at the registry's site too, to which nobody else can tell anything meanwhile", async () => {
    await isToldRight(faults.cables('s1'));
  });

  it('blames nobody where a site is cut off by silence, also while its member gets through to a registry beside it', async () => {
    await isToldRight(faults.silence('s1'), 2 * PACE.interval);
  });

  it('shows a partition of three against three as each side sees it', async () => {
    await isToldRight(faults.partition(['s1', 's4', 's6']));
  });

  it('shows a member that was killed in the middle of reports, and takes it in again', async () => {
    const [cut, killed] = [faults.cables('s3'), faults.member('s5', BOTH)];
    await isToldRight({
      ...killed,
      broken: { ...cut.broken, ...killed.broken },
      async apply() {
        const at = await cut.apply();
        // Each tells of what has changed with the failure of s3.
        await comesTrue(async () => (await ring.members.get('s5')?.call('changes', 0))?.at(-1)?.target === 's3');
        await killed.apply();
        return at;
      },
      async undo() {
        await killed.undo();
        return cut.undo();
      },
    });
  });

  it('shows a way that is broken between two sites, of which one has its clock an hour ahead, and one an hour behind', async () => {
    const clocks = [faults.clock('s6', 3_600_000), faults.clock('s2', -3_600_000)];
    for (const clock of clocks) await clock.apply();
    await isToldRight(faults.pairs(['s6', 's2']));
    for (const clock of clocks) await clock.undo();
  });

  it('is known again by a registry that was killed and has forgotten everybody', async () => {
    await isToldRight(faults.registry('first', { empty: true }));
    expect(await ring.known()).toEqual(NAMES);
  });

  it.skipIf(!hasRedis)('loses nothing that was acknowledged when registry and Redis are killed', async () => {
    await isToldRight(faults.registry());
    await isToldRight(faults.redis());
    await isToldRight(faults.registryAndRedis());
  });

  it('takes a member in again that was cut off until everybody had forgotten it', async () => {
    await ring.killRegistry();
    await ring.startRegistry('first', 1_000);
    await trials.settle();
    await ring.lab.pullCable('s5');
    await comesTrue(async () => !(await ring.known()).includes('s5'));
    await comesTrue(async () => (await ring.members.get('s2')?.call('health'))?.members_count === 4);
    await ring.lab.plugIn('s5');
    await trials.settle();
    expect(await ring.known()).toEqual(NAMES);
  });

  it.skipIf(!hasRedis)('goes on with one of two registries that share a Redis', async () => {
    await ring.startRegistry('second');
    await new Trials(ring, PATIENCE, BOTH).settle();
    await ring.killRegistry('first');
    const killedAt = monotonic();
    await comesTrue(async () => {
      const heard = (await ring.watchers.get('second')?.call('heard')) ?? {};
      return NAMES.every((name) => (heard[name] ?? 0) > killedAt);
    });
    const second = new Trials(ring, PATIENCE, ['second']);
    await second.settle();
    const { problems, falseBlame } = await second.run(faults.cables('s6'));
    expect({ problems, falseBlame }).toEqual({ problems: [], falseBlame: [] });
  });

  it('needs less than 150 MB in each of its processes', () => {
    const peaks = [...ring.measure()].filter(([, kilobytes]) => kilobytes > MOST_MEMORY);
    expect(peaks).toEqual([]);
  });
});
