import type { Host, Lab } from '../../test/lab/index.js';
import type { Stage } from '../stage/index.js';
import { Changer, type ChangeTimes } from './changer.js';

/** A client and its router, joined by a veth pair whose carrier events the kernel sends at once. IPv4, and link-local IPv6 as everywhere. */
export interface Lan {
  readonly client: Host;
  readonly router: Host;
  readonly faults: readonly Fault[];
}

/** What is done to the client's uplink, and undone. */
export interface Fault {
  readonly name: string;
  lose(): Promise<ChangeTimes>;
  /** The times are those of the last change, by which the way is whole again. */
  restore(): Promise<ChangeTimes>;
}

export const UPLINK = 'eth0';
const CLIENT = '192.0.2.2/24';
const GATEWAY = '192.0.2.1';

/** An address of the router that only the default route leads to: to be checked for reach. */
export const BEYOND = '203.0.113.1';

/** A port on which nobody listens: a refusal proves as well that the network reaches. */
export const REFUSING_PORT = 7;

/** @param suffix of the hosts' names, where a lab has several. */
export async function openLan(stage: Stage, lab: Lab, suffix = ''): Promise<Lan> {
  const [client, router] = await Promise.all([lab.host(`client${suffix}`), lab.host(`router${suffix}`)]);
  // With the same index at both ends the kernel would take the pair for a card, whose carrier events may wait (linkwatch_urgent_event).
  await router.configure(['link', 'add', 'name', 'spare0', 'type', 'bridge']);
  await lab.link(client, router, { addresses: [CLIENT, `${GATEWAY}/24`] });
  await client.defaultRoute(GATEWAY);
  await router.configure(['address', 'add', `${BEYOND}/32`, 'dev', 'lo']);
  const [here, there] = await Promise.all([Changer.open(stage, client), Changer.open(stage, router)]);
  const route = (verb: 'add' | 'del') => here.change(`route ${verb} ${UPLINK} ${GATEWAY}`);
  return {
    client,
    router,
    faults: [
      {
        name: 'link set down',
        lose: () => here.change(`link ${UPLINK} down`),
        restore: async () => {
          await here.change(`link ${UPLINK} up`);
          return route('add');
        },
      },
      {
        name: 'carrier lost',
        lose: () => there.change(`link ${UPLINK} down`),
        restore: () => there.change(`link ${UPLINK} up`),
      },
      {
        name: 'address removed',
        lose: () => here.change(`address del ${UPLINK} ${CLIENT}`),
        restore: async () => {
          await here.change(`address add ${UPLINK} ${CLIENT}`);
          return route('add');
        },
      },
      { name: 'route removed', lose: () => route('del'), restore: () => route('add') },
    ],
  };
}
