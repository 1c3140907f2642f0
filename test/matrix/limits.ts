import { createLab, type Lab } from '../lab/index.js';
import { Churn } from './churn.js';
import { cable, noPath, words } from './faults.js';
import { broken } from './judge.js';
import { pass } from './patience.js';
import type { Scale, Scenario } from './scenario.js';
import { SUBJECTS } from './scene.js';
import type { Stage } from './stage.js';
import { tap, veth } from './topologies.js';

/** More changes than any receive buffer of ours holds. They are of addresses: those of routes may be filtered away in the kernel. */
const BURST = 20_000;

const overrun: Scenario = {
  name: 'limits/overrun',
  topology: veth,
  fault: 'the socket overruns while the event loop is blocked, and then the cable is pulled',
  quick: true,
  alone: true,
  seconds: 120,
  async play(stage) {
    const scene = await stage.begin();
    await scene.longWork(SUBJECTS);
    const blocked = stage.worker.call('block', 5_000);
    await burst(stage);
    const lost = await droppedMessages(stage);
    const at = await cable.lose(stage);
    const outages = SUBJECTS.map((subject) => scene.outage(subject, noPath('no-carrier'), at, { busy: true }));
    await blocked;
    await scene.down(SUBJECTS, at);
    await scene.work('during', SUBJECTS);
    await pass(500);
    for (const each of outages) each.mending();
    await cable.restore(stage);
    for (const each of outages) each.over();
    await stage.service.call('release');
    await scene.work('after', SUBJECTS);
    await scene.done();
    await scene.settled();
    const findings = lost > 0 ? [] : [broken('the burst was not long enough: the kernel has dropped nothing')];
    return { observations: await scene.end(), findings };
  },
};

async function burst(stage: Stage): Promise<void> {
  const addresses = Array.from({ length: BURST / 2 }, (_, n) => `10.9.${n >> 8}.${n & 255}/32`);
  await stage.client.configure(words('link add name burst0 type bridge'));
  for (const verb of ['add', 'del']) {
    await stage.client.configure(...addresses.map((address) => ['address', verb, address, 'dev', 'burst0']));
  }
  await stage.client.configure(words('link del dev burst0'));
}

/** How many messages the kernel could not put into somebody's receive buffer: the column Drops of /proc/net/netlink. */
async function droppedMessages(stage: Stage): Promise<number> {
  const { stdout } = await stage.client.exec('cat', ['/proc/net/netlink']);
  const [head = '', ...lines] = stdout.trim().split('\n');
  const column = head.trim().split(/\s+/).indexOf('Drops');
  return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[column] ?? 0), 0);
}

const links = new Churn((stage) =>
  stage.client.configure(
    ...Array.from({ length: 20 }, (_, n) => words(`link add name dv${n} type veth peer name dp${n}`)),
    ...Array.from({ length: 20 }, (_, n) => words(`link del dev dv${n}`)),
  ),
);

const interruptedDumps: Scenario = {
  name: 'limits/dump-interrupted',
  topology: veth,
  fault: 'links come and go while the tables are read (NLM_F_DUMP_INTR)',
  quick: true,
  alone: true,
  async play(stage) {
    await links.start(stage);
    const errorsBefore = stage.worker.events('error').length;
    const scene = await stage.begin();
    await scene.longWork(SUBJECTS);
    let incomplete = 0;
    for (let count = 0; count < 200; count += 1) {
      const names = (await stage.worker.call('interfaces')).map(({ name }) => name);
      if (!names.includes('lo') || !names.includes('eth0')) incomplete += 1;
    }
    await scene.work('during', SUBJECTS);
    await stage.service.call('release');
    await scene.done();
    const observations = await scene.end();
    await links.stop(stage);
    const [error] = stage.worker.events('error').slice(errorsBefore);
    return {
      observations,
      findings: [
        ...(error === undefined ? [] : [{ kind: 'excess', text: `an error was told: ${error.detail.text}` } as const]),
        ...(incomplete === 0
          ? []
          : [{ kind: 'excess', text: `${incomplete} of 200 lists lacked an interface that was there` } as const]),
      ],
    };
  },
};

const PULLS: Record<Scale, number> = { full: 60, quick: 15 };

/** net/core/link_watch.c tells of carriers once a second, for all namespaces together: a link that flaps elsewhere keeps it busy. */
const flapperElsewhere: readonly Scenario[] = [
  {
    name: 'limits/carrier-behind-flapper-busy',
    topology: tap,
    fault:
      'the cable is pulled over and over, for up to 150 ms, while links flap in another namespace; work is in flight',
    quick: true,
    alone: true,
    seconds: 120,
    play: (stage, scale) =>
      besideFlapper(async () => {
        const scene = await stage.begin({ blinks: Number.POSITIVE_INFINITY });
        await scene.longWork(SUBJECTS, { options: { interruptAfter: 60_000 } });
        for (let count = 0; count < PULLS[scale]; count += 1) {
          const at = await cable.lose(stage);
          const outages = SUBJECTS.map((subject) => scene.outage(subject, noPath('no-carrier'), at, { busy: true }));
          await pass((count * 37) % 150);
          for (const each of outages) each.mending();
          await cable.restore(stage);
          for (const each of outages) each.over();
          await pass(150);
          await scene.settled();
        }
        await stage.service.call('release');
        await scene.done();
        return { observations: await scene.end() };
      }),
  },
  {
    name: 'limits/carrier-behind-flapper-idle',
    topology: tap,
    fault: 'the cable is pulled over and over while links flap in another namespace; nobody works',
    alone: true,
    seconds: 120,
    play: (stage, scale) =>
      besideFlapper(async () => {
        const scene = await stage.begin();
        for (let count = 0; count < PULLS[scale] / 5; count += 1) {
          const at = await cable.lose(stage);
          const outages = SUBJECTS.map((subject) => scene.outage(subject, noPath('no-carrier'), at));
          await scene.down(SUBJECTS, at, 3_000);
          for (const each of outages) each.mending();
          await cable.restore(stage);
          for (const each of outages) each.over();
          await scene.settled();
        }
        await scene.work('after', SUBJECTS);
        await scene.done();
        return { observations: await scene.end() };
      }),
  },
];

async function besideFlapper<Result>(play: () => Promise<Result>): Promise<Result> {
  await using elsewhere = await createLab();
  const flapper = await elsewhere.host('flapper');
  await elsewhere.link(flapper, await elsewhere.host('other'), { kind: 'tap' });
  const stop = new AbortController();
  const flapping = flap(elsewhere, stop.signal);
  try {
    return await play();
  } finally {
    stop.abort();
    await flapping;
  }
}

async function flap(lab: Lab, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lab.pullCable('flapper');
    await lab.plugIn('flapper');
  }
}

/** Where the kernel does not tell everything, or not at once. */
export const limits: readonly Scenario[] = [overrun, interruptedDumps, ...flapperElsewhere];
