import type { IpCommand } from './ip-namespace.js';

/** A cable from the router to one host, as the addresses of its two ends. */
export interface Cable {
  /** The name of the router's end. */
  readonly name: string;
  readonly router: string;
  readonly host: string;
}

/** What the members ask in order to know whether they are online: it stands for the rest of the internet (RFC 5737, TEST-NET-3). */
export const BEYOND = '203.0.113.1';

/** The name of the host's end. */
const UPLINK = 'eth0';
/** RFC 5737, TEST-NET-2: nobody has these addresses, so that none of the user's is hidden. */
const NETWORK = '198.51.100';
/** Of every four addresses two are for hosts. */
const PREFIX = 30;

/** The cable of the host with this number, from 0 to 62. */
export function cableOf(name: string, number: number): Cable {
  return { name, router: `${NETWORK}.${4 * number + 1}`, host: `${NETWORK}.${4 * number + 2}` };
}

/** The commands for the router itself. */
export const ROUTER_COMMANDS: readonly IpCommand[] = [['address', 'add', `${BEYOND}/32`, 'dev', 'lo']];

/**
 * The commands for the router's end of a cable, which make both.
 *
 * @param pid of a process in the host's namespace.
 */
export function routerEnd({ name, router }: Cable, pid: number): readonly IpCommand[] {
  return [
    ['link', 'add', 'dev', name, 'type', 'veth', 'peer', 'name', UPLINK, 'netns', `${pid}`],
    ['address', 'add', `${router}/${PREFIX}`, 'dev', name],
    plugIn({ name }),
  ];
}

/** The commands for the host's end. */
export function hostEnd({ router, host }: Cable): readonly IpCommand[] {
  return [
    ['address', 'add', `${host}/${PREFIX}`, 'dev', UPLINK],
    ['link', 'set', 'dev', UPLINK, 'up'],
    ['route', 'add', 'default', 'via', router],
  ];
}

/** A veth interface has carrier as long as its peer is up (veth(4)): so the host's loses it by the router's. */
export function pull({ name }: Pick<Cable, 'name'>): IpCommand {
  return ['link', 'set', 'dev', name, 'down'];
}

export function plugIn({ name }: Pick<Cable, 'name'>): IpCommand {
  return ['link', 'set', 'dev', name, 'up'];
}
