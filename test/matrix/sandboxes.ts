import { isBuiltin } from 'node:module';
import type { SpawnOptions } from '../lab/index.js';
import { bothLose, link } from './faults.js';
import { type Finding, wrong } from './judge.js';
import { pass } from './patience.js';
import type { Scenario } from './scenario.js';
import type { Scene, SceneOptions } from './scene.js';
import type { Stage } from './stage.js';
import { calm, outage } from './stories.js';
import { loopbackOnly, veth } from './topologies.js';

/** Where the kernel tells nothing, the interfaces are looked at this often, in milliseconds; and so late may a loss be seen. */
const POLLING = { pollInterval: 100 };
const BY_POLLING = 400;

/** An interface that is set down is missing from what can be read there: which of the reasons it is cannot always be told. */
const SEEN_FROM_AFAR = ['link-down', 'no-carrier', 'no-address', 'no-route'] as const;

/** A worker that is started in its own way. */
function confined(options: SpawnOptions, monitor: SceneOptions['monitor'] = {}) {
  return async (stage: Stage): Promise<SceneOptions> => ({ worker: await stage.hire(options), monitor });
}

async function withoutNetlink(stage: Stage): Promise<SceneOptions> {
  const worker = await stage.hire();
  await worker.call('forbidNetlink');
  return { worker, monitor: POLLING };
}

const UNPRIVILEGED: SpawnOptions = {
  nodePath: 'setpriv',
  execArgv: [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    '--bounding-set=-all',
    '--inh-caps=-all',
    '--',
    process.execPath,
  ],
};
const WITHOUT_KOFFI: SpawnOptions = {
  execArgv: ['--import', new URL('./actors/without-koffi.mjs', import.meta.url).href],
};
/** Everything may be read and the actor's own loader may run; native add-ons are what is forbidden. */
const PERMISSION: SpawnOptions = {
  execArgv: [permissionFlag(), '--allow-fs-read=/', '--allow-fs-write=/', '--allow-worker', '--allow-child-process'],
};

/** Node 26 brings an interface of its own. */
const WITHOUT_KOFFI_RUNG = isBuiltin('node:ffi') ? 'netlink' : 'proc';

const hideSys = {
  prepare: ({ client }: Stage) => client.exec('mount', ['-t', 'tmpfs', 'tmpfs', '/sys']),
  tidyUp: ({ client }: Stage) => client.exec('umount', ['/sys']),
};

/** The fault is the same in all of them; what is asked is on which rung the monitor stands, that it says so, and that it sees what it can. */
const confinements: readonly Scenario[] = [
  outage({
    name: 'sandbox/no-capabilities',
    topology: veth,
    fault: 'no capability at all, and the link is set down',
    quick: true,
    scene: confined(UNPRIVILEGED),
    inspect: standsOn('netlink'),
    ...link,
    ...bothLose('link-down'),
  }),
  outage({
    name: 'sandbox/no-sys',
    topology: veth,
    fault: 'no /sys, and the link is set down',
    inspect: standsOn('netlink'),
    ...hideSys,
    ...link,
    ...bothLose('link-down'),
  }),
  outage({
    name: 'sandbox/no-netlink',
    topology: veth,
    fault: 'seccomp refuses AF_NETLINK, and the link is set down',
    quick: true,
    scene: withoutNetlink,
    inspect: standsOn('proc', /EAFNOSUPPORT/),
    within: BY_POLLING,
    ...link,
    ...bothLose(...SEEN_FROM_AFAR),
  }),
  outage({
    name: 'sandbox/no-koffi',
    topology: veth,
    fault: 'koffi is not installed, and the link is set down',
    quick: true,
    scene: confined(WITHOUT_KOFFI, POLLING),
    inspect: standsOn(WITHOUT_KOFFI_RUNG, /koffi/),
    within: BY_POLLING,
    ...link,
    ...bothLose(...SEEN_FROM_AFAR),
  }),
  outage({
    name: 'sandbox/no-koffi-no-sys',
    topology: veth,
    fault: 'koffi is not installed, there is no /sys, and the link is set down',
    scene: confined(WITHOUT_KOFFI, POLLING),
    inspect: standsOn(isBuiltin('node:ffi') ? 'netlink' : 'interfaces', /koffi/),
    within: BY_POLLING,
    ...hideSys,
    ...link,
    ...bothLose(...SEEN_FROM_AFAR),
  }),
  outage({
    name: 'sandbox/permission',
    topology: veth,
    fault: "Node's permission model forbids native add-ons, and the link is set down",
    scene: confined(PERMISSION, POLLING),
    inspect: standsOn('proc', /koffi/),
    within: BY_POLLING,
    ...link,
    ...bothLose(...SEEN_FROM_AFAR),
  }),
  calm({
    name: 'sandbox/loopback-only',
    topology: loopbackOnly,
    fault: 'a namespace with loopback alone, and the default check hosts',
    quick: true,
    scene: {
      monitor: { checkHosts: ['8.8.8.8', '1.1.1.1', '8.8.4.4'] },
      calm: { host: ['degraded (unverified)'], target: ['up (path)', 'up (reachable)', 'degraded (unverified)'] },
    },
    inspect: standsOn('netlink'),
    async lose() {
      await pass(500);
      return process.hrtime.bigint();
    },
    restore: async () => undefined,
  }),
];

type Rung = Scene['snapshot']['source'];

/** The right rung is the best that is left, and on any but the first the monitor says why. */
function standsOn(rung: Rung, reason = /^/): (scene: Scene) => readonly Finding[] {
  return ({ snapshot: { source, sourceReason = '' } }) => {
    if (source === rung && reason.test(sourceReason)) return [];
    return [wrong(`stands on ${source} (${sourceReason || 'no reason given'}), where ${rung} is the truth`)];
  };
}

/** It lost its prefix in Node 23.5. */
function permissionFlag(): string {
  return process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
}

/** Where the process may do little. */
export const sandboxes: readonly Scenario[] = confinements;
