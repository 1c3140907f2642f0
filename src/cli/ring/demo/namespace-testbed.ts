import { randomBytes } from 'node:crypto';
import { toError } from '../../../errors/index.js';
import { BEYOND, type Cable, cableOf, hostEnd, plugIn, pull, ROUTER_COMMANDS, routerEnd } from './cabling.js';
import { DemoProcesses } from './demo-processes.js';
import type { DemoSettings } from './demo-settings.js';
import { IpNamespace, type NamespaceOrigin } from './ip-namespace.js';
import type { Page } from './page.js';
import { memberEnv, REGISTRY_PROCESS } from './process-settings.js';
import { RELAY } from './relay.js';
import type { Testbed, TestbedOptions } from './testbed.js';

/** Network namespaces cannot be had here. */
export class NamespacesUnavailableError extends Error {
  override readonly name = 'NamespacesUnavailableError';
}

/** Ports of the registry and of the members, each in a namespace of its own. */
const REGISTRY_PORT = 8_756;
const MEMBER_PORT = 8_757;
const REGISTRY = 'registry';

/**
 * A router, a registry and members, each in a network namespace of its own and joined by cables.
 *
 * @param page handed over to a process in there.
 * @throws {NamespacesUnavailableError} with a plain reason; the signal's reason.
 */
export async function openNamespaceTestbed(
  settings: DemoSettings,
  page: Page,
  { onLost, signal }: TestbedOptions,
): Promise<Testbed> {
  const lab = await openLab([REGISTRY, ...settings.sites], signal);
  const processes = new DemoProcesses(onLost);
  const close = async (): Promise<void> => {
    await processes.stopAll();
    await lab.close();
  };
  try {
    const token = randomBytes(24).toString('base64url');
    const registry = lab.cableTo(REGISTRY).host;
    const words = [...REGISTRY_PROCESS.words, '--host', registry, '--port', `${REGISTRY_PORT}`, '--check-host', BEYOND];
    processes.start({ ...REGISTRY_PROCESS, words, env: { NETRING_TOKEN: token }, entry: lab.entryTo(REGISTRY) });
    const relay = {
      name: 'the relay to the page',
      words: [RELAY, registry, `${REGISTRY_PORT}`],
      entry: lab.entryTo(REGISTRY),
    };
    await processes.start(relay).hand(page.server, signal);
    await page.close();
    const registryUrl = `http://${registry}:${REGISTRY_PORT}`;
    return {
      kind: 'namespaces',
      url: page.url,
      startMember(site) {
        const place = { site, registryUrl, token, host: lab.cableTo(site).host, port: MEMBER_PORT, checkHost: BEYOND };
        const env = memberEnv(place, settings.pace);
        processes.start({ name: site, words: ['ring', 'member'], env, entry: lab.entryTo(site) });
      },
      cutOff: (site) => lab.router.configure(pull(lab.cableTo(site))),
      mend: (site) => lab.router.configure(plugIn(lab.cableTo(site))),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A router, and hosts that hang on it. */
interface Lab {
  readonly router: IpNamespace;
  cableTo(host: string): Cable;
  /** What is to stand before a command for it to run there. */
  entryTo(host: string): readonly string[];
  close(): Promise<void>;
}

async function openLab(names: readonly string[], signal: AbortSignal): Promise<Lab> {
  const router = await openRouter(signal);
  const hosts = new Map<string, Host>();
  const close = async (): Promise<void> => {
    await Promise.all([router, ...[...hosts.values()].map(({ namespace }) => namespace)].map((each) => each.close()));
  };
  const hostNamed = (name: string): Host => {
    const host = hosts.get(name);
    if (host === undefined) throw new Error(`there is no host ${name}`);
    return host;
  };
  try {
    await router.configure(...ROUTER_COMMANDS);
    for (const [number, name] of names.entries()) {
      const cable = cableOf(name, number);
      const namespace = await IpNamespace.open({ kind: 'beside', other: router }, HOST_SETTINGS, signal);
      hosts.set(name, { cable, namespace });
      await router.configure(...routerEnd(cable, namespace.pid));
      await namespace.configure(...hostEnd(cable));
    }
  } catch (error) {
    await close();
    throw signal.aborted ? signal.reason : unavailable([error]);
  }
  return {
    router,
    cableTo: (name) => hostNamed(name).cable,
    entryTo: (name) => hostNamed(name).namespace.entry,
    close,
  };
}

interface Host {
  readonly cable: Cable;
  readonly namespace: IpNamespace;
}

/** By a user namespace, which anybody may have; where those are forbidden, root needs none. */
async function openRouter(signal: AbortSignal): Promise<IpNamespace> {
  if (process.platform !== 'linux') throw new NamespacesUnavailableError(`this is ${process.platform}, not Linux`);
  const origins: readonly NamespaceOrigin[] =
    process.getuid?.() === 0 ? [{ kind: 'user' }, { kind: 'root' }] : [{ kind: 'user' }];
  const problems: unknown[] = [];
  for (const origin of origins) {
    try {
      return await IpNamespace.open(origin, ROUTER_SETTINGS, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      problems.push(error);
    }
  }
  throw unavailable(problems);
}

function unavailable(problems: readonly unknown[]): NamespacesUnavailableError {
  const reasons = new Set(problems.map((problem) => toError(problem).message));
  return new NamespacesUnavailableError([...reasons].join('; '));
}

const ROUTER_SETTINGS = { 'net/ipv4/ip_forward': '1' };
/** Whoever is root in there may ping, and there is nobody else (icmp(7)). */
const HOST_SETTINGS = { 'net/ipv4/ping_group_range': '0 0' };
