import type { PathReason } from '../../src/monitor/index.js';
import type { Host } from '../lab/index.js';
import { comesTrue } from './patience.js';
import type { Effect } from './scene.js';
import type { Stage } from './stage.js';
import type { Fault } from './stories.js';

// What happens to a subject

/** The path is gone, and the kernel knows it. */
export function noPath(...reasons: readonly [PathReason, ...PathReason[]]) {
  return { evidence: 'path', reasons } as const satisfies Effect;
}

/** The path stands and nothing answers. */
export const noReach = { evidence: 'reach', reasons: ['unreachable'] } as const satisfies Effect;

/** The host and the target are cut off alike. */
export function bothLose(...reasons: Parameters<typeof noPath>) {
  return { host: noPath(...reasons), target: noPath(...reasons) };
}

// What is done

export const cable: Fault = {
  lose: ({ lab }) => lab.pullCable('client'),
  restore: ({ lab }) => lab.plugIn('client'),
};

export const link: Fault = {
  lose: ({ lab }) => lab.linkDown('client'),
  restore: async (stage) => {
    await stage.lab.linkUp('client');
    // As a network manager does: a route over a link without carrier would be chosen, and lead nowhere.
    await Promise.all([stage.client, stage.neighbour].map((host) => hasCarrier(host, 'eth0')));
    return stage.lab.reconfigure('client');
  },
};

/** Resolves when an interface can carry frames; by ip(8), which asks the kernel and not sysfs. */
async function hasCarrier(host: Host, name: string): Promise<void> {
  const isUp = async () => {
    const [link] = await host.ip('link', 'show', 'dev', name);
    // A device that has never lost its carrier says unknown for good.
    return (
      ['UP', 'UNKNOWN'].includes(String(link?.['operstate'])) && JSON.stringify(link?.['flags']).includes('LOWER_UP')
    );
  };
  if (!(await comesTrue(isUp, 5_000))) throw new Error(`${name} of ${host.name} does not get its carrier back`);
}

export const address: Fault = {
  lose: ({ lab }) => lab.removeAddress('client'),
  restore: ({ lab }) => lab.restoreAddress('client'),
};

export const defaultRoute: Fault = {
  lose: ({ lab }) => lab.removeDefaultRoute('client'),
  restore: ({ lab }) => lab.restoreDefaultRoute('client'),
};

/** The router drops in silence what is not for itself. */
export const forwarding: Fault = {
  lose: ({ lab }) => lab.stopForwarding('router'),
  restore: ({ lab }) => lab.startForwarding('router'),
};

/** Something and its undoing, in the words of ip(8). */
export function ip(lose: readonly string[], restore: readonly string[]): Fault {
  return {
    lose: ({ client }) => client.configure(...lose.map(words)),
    restore: ({ client }) => client.configure(...restore.map(words)),
  };
}

/** A packet filter on the router, in the words of nft(8), until it is taken away. Its moment is that of the start of nft. */
export function filter(...rules: readonly string[]): Fault {
  return {
    async lose(stage) {
      const at = process.hrtime.bigint();
      await nft(stage, `table inet matrix {\n${rules.join('\n')}\n}`);
      return at;
    },
    async restore(stage) {
      const at = process.hrtime.bigint();
      await nft(stage, 'delete table inet matrix');
      return at;
    },
  };
}

/** A filter for what the router forwards. */
export function dropForwarded(...matches: readonly string[]): Fault {
  const rules = matches.map((match) => `${match} drop`).join('; ');
  return filter(`chain forward { type filter hook forward priority 0; ${rules}; }`);
}

async function nft(stage: Stage, ruleset: string): Promise<void> {
  await stage.router('router').exec('nft', ['-f', '-'], { input: ruleset });
}

/** A command, word by word. */
export function words(command: string): readonly string[] {
  return command.split(' ');
}
