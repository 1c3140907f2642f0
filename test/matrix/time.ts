import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { bothLose, cable, forwarding, noPath, noReach } from './faults.js';
import { pass } from './patience.js';
import { CannotPlay, type Scenario } from './scenario.js';
import { type Scene, type SceneOptions, SUBJECTS } from './scene.js';
import type { Stage } from './stage.js';
import { calm, outage, scenario } from './stories.js';
import { tap, veth } from './topologies.js';

const stalls: readonly Scenario[] = [
  calm({
    name: 'time/blocked',
    topology: veth,
    fault: 'the event loop is blocked for 2 s',
    quick: true,
    lose: (stage) => moment(() => stage.worker.call('block', 2_000)),
    restore: now,
  }),
  scenario(
    {
      name: 'time/blocked-outage',
      topology: veth,
      fault: 'the cable is pulled and plugged in again while the event loop is blocked for 2 s',
    },
    async (scene, stage) => {
      await scene.longWork(SUBJECTS);
      const blocked = stage.worker.call('block', 2_000);
      await pass(300);
      await shortOutage(scene, stage, 800);
      await blocked;
      await finish(scene, stage);
    },
  ),
  scenario(
    {
      name: 'time/stopped-outage',
      topology: veth,
      fault: 'the cable is pulled while the process is stopped (SIGSTOP)',
      quick: true,
    },
    async (scene, stage) => {
      await scene.longWork(SUBJECTS);
      process.kill(stage.worker.pid, 'SIGSTOP');
      const at = await cable.lose(stage);
      const outages = SUBJECTS.map((subject) => scene.outage(subject, noPath('no-carrier'), at, { busy: true }));
      await pass(1_500);
      process.kill(stage.worker.pid, 'SIGCONT');
      await scene.down(SUBJECTS, at);
      await scene.work('during', SUBJECTS);
      await pass(500);
      for (const each of outages) each.mending();
      await cable.restore(stage);
      for (const each of outages) each.over();
      await finish(scene, stage);
    },
  ),
  scenario(
    {
      name: 'time/stopped-through-outage',
      topology: veth,
      fault: 'the process is stopped (SIGSTOP) before the outage and continued after it',
    },
    async (scene, stage) => {
      await scene.longWork(SUBJECTS);
      process.kill(stage.worker.pid, 'SIGSTOP');
      await shortOutage(scene, stage, 1_500);
      process.kill(stage.worker.pid, 'SIGCONT');
      await finish(scene, stage);
    },
  ),
];

/** So rarely that only a reason of its own makes the monitor look again within a scene. */
const SELDOM: SceneOptions = { monitor: { checkInterval: 20_000 } };
/** Two timeouts, and the look-out of the carrier guard with time to spare. Milliseconds. */
const AFTER_WAKING = 2_000;

const clocks: readonly Scenario[] = [
  scenario(
    {
      name: 'time/suspend-outage',
      topology: veth,
      fault: 'the machine sleeps for an hour, and wakes where the router does not forward any more',
      quick: true,
      scene: SELDOM,
      prepare: (stage) => stage.cover('/proc/uptime', uptimeText(0)),
      tidyUp: (stage) => stage.uncover('/proc/uptime'),
    },
    async (scene, stage) => {
      await scene.longWork(SUBJECTS);
      const at = await forwarding.lose(stage);
      sleepFor(stage, HOUR);
      const outages = SUBJECTS.map((subject) =>
        scene.outage(subject, noReach, at, { busy: true, within: AFTER_WAKING }),
      );
      await scene.down(SUBJECTS, at);
      await scene.work('during', SUBJECTS);
      await pass(500);
      for (const each of outages) each.mending();
      await forwarding.restore(stage);
      for (const each of outages) each.over();
      await finish(scene, stage);
    },
  ),
  calm({
    name: 'time/suspend',
    topology: veth,
    fault: 'the machine sleeps for an hour, and wakes where it was',
    scene: SELDOM,
    prepare: (stage) => stage.cover('/proc/uptime', uptimeText(0)),
    lose: (stage) => moment(async () => sleepFor(stage, HOUR)),
    restore: now,
    tidyUp: (stage) => stage.uncover('/proc/uptime'),
  }),
  calm({
    name: 'time/wall-clock',
    topology: veth,
    fault: 'the wall clock is set forward by two hours and back by three',
    scene: withFakeTime,
    lose: (stage) => moment(async () => setClock(stage, '+2h')),
    restore: (stage) => moment(async () => setClock(stage, '-1h')),
  }),
  outage({
    name: 'time/wall-clock-carrier',
    topology: veth,
    fault: 'the wall clock jumps by hours as the cable is pulled and plugged in',
    scene: withFakeTime,
    async lose(stage) {
      setClock(stage, '+2h');
      return cable.lose(stage);
    },
    async restore(stage) {
      setClock(stage, '-1h');
      return cable.restore(stage);
    },
    ...bothLose('no-carrier'),
  }),
];

/** How long a link flaps in a scenario, in milliseconds. */
const FLAPPING = 5_000;

const flaps: readonly Scenario[] = [0.5, 2, 5, 20].map((hertz) =>
  scenario(
    {
      name: `time/flapping-${hertz}-hz`,
      topology: tap,
      fault: `the cable is pulled and plugged in ${hertz} times a second, under work of 100 ms to 5 s`,
      quick: hertz === 5,
    },
    async (scene, stage) => {
      const options = { interruptAfter: { path: 2_000, reach: 10_000 } };
      for (const wait of [100, 1_000, 5_000])
        await scene.work(`wait ${wait}`, SUBJECTS, { message: `wait ${wait}`, options });
      for (let count = 0; count < (FLAPPING * hertz) / 1_000; count += 1) {
        await shortOutage(scene, stage, 500 / hertz);
        await scene.work('wait 100', ['target'], { message: 'wait 100', options });
        await pass(500 / hertz);
      }
      await finish(scene, stage);
    },
  ),
);

/** With work in flight, an outage is to be seen however short it is. */
async function shortOutage(scene: Scene, stage: Stage, milliseconds: number): Promise<void> {
  const at = await cable.lose(stage);
  const outages = SUBJECTS.map((subject) => scene.outage(subject, noPath('no-carrier'), at, { busy: true }));
  await pass(milliseconds);
  for (const each of outages) each.mending();
  await cable.restore(stage);
  for (const each of outages) each.over();
}

async function finish(scene: Scene, stage: Stage): Promise<void> {
  await stage.service.call('release');
  await scene.work('after', SUBJECTS);
  await scene.done();
  await scene.settled();
}

/** Seconds. */
const HOUR = 3_600;

/** What the kernel would say that many seconds from now. */
function uptimeText(seconds: number): string {
  return `${(uptime() + seconds).toFixed(2)} 0.00\n`;
}

/** CLOCK_MONOTONIC stands still while a machine sleeps and /proc/uptime does not: so it is that which jumps. */
function sleepFor(stage: Stage, seconds: number): void {
  writeFileSync(stage.file('-proc-uptime'), uptimeText(seconds));
}

/** A worker under libfaketime (https://github.com/wolfcw/libfaketime), which reads the wall clock's error from a file. */
async function withFakeTime(stage: Stage): Promise<SceneOptions> {
  const library = fakeTimeLibrary();
  setClock(stage, '+0');
  const worker = await stage.hire({
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: stage.file('wall-clock'),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  return { worker };
}

function setClock(stage: Stage, error: string): void {
  writeFileSync(stage.file('wall-clock'), `${error}\n`);
}

function fakeTimeLibrary(): string {
  const folders = ['/usr/lib', ...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`)];
  const found = folders.map((folder) => `${folder}/faketime/libfaketimeMT.so.1`).find((path) => existsSync(path));
  if (found === undefined) throw new CannotPlay("libfaketime is not installed (Debian's package faketime)");
  return found;
}

async function now(): Promise<bigint> {
  return process.hrtime.bigint();
}

async function moment(action: () => Promise<unknown>): Promise<bigint> {
  const at = process.hrtime.bigint();
  await action();
  return at;
}

/** When the clock is not to be trusted, or the process is not there to see. */
export const times: readonly Scenario[] = [...stalls, ...clocks, ...flaps];
