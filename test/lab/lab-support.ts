import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment, runCommand } from './command.js';
import { Namespace } from './namespace.js';

/** A part of the lab that not every machine has. */
export type Feature = { readonly available: true } | { readonly available: false; readonly reason: string };

/** With what rights the lab makes its namespaces. */
export type Privilege = 'root' | 'user-namespace';

/** What this machine can give. Reasons are plain sentences for people. */
export type LabSupport =
  | {
      readonly available: true;
      readonly privilege: Privilege;
      /** Links with a carrier that behaves as that of hardware. */
      readonly tap: Feature;
      /** Packet filters: `lab.dropAll()`. */
      readonly nft: Feature;
      /** Links with a limited rate. */
      readonly tc: Feature;
    }
  | { readonly available: false; readonly reason: string };

const judgements = new Map<Privilege | undefined, Promise<LabSupport>>();

/**
 * Finds out, once per process, whether a lab can be made here, by making the smallest one.
 *
 * @param privilege asks about one way only. By default root's is tried first, where we are root, and then that of everybody.
 */
export function labSupport(privilege?: Privilege): Promise<LabSupport> {
  const known = judgements.get(privilege);
  if (known !== undefined) return known;
  const judgement = judge(privilege === undefined ? privileges() : [privilege]);
  judgements.set(privilege, judgement);
  return judgement;
}

function privileges(): readonly Privilege[] {
  return process.getuid?.() === 0 ? ['root', 'user-namespace'] : ['user-namespace'];
}

async function judge(candidates: readonly Privilege[]): Promise<LabSupport> {
  const { platform } = process;
  if (platform !== 'linux') return { available: false, reason: `it needs Linux, and this is ${platform}` };
  const missing = REQUIRED.map(([program, debianPackage]) => feature(program, debianPackage)).find(isMissing);
  if (missing !== undefined) return missing;
  const reasons: string[] = [];
  for (const privilege of candidates) {
    try {
      return await tryOut(privilege);
    } catch (error) {
      reasons.push(`${ATTEMPTS[privilege]}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { available: false, reason: reasons.join('; ') };
}

const ATTEMPTS: Readonly<Record<Privilege, string>> = {
  root: 'no network namespace, although this is root',
  'user-namespace': 'no network namespace within a user namespace',
};

async function tryOut(privilege: Privilege): Promise<LabSupport> {
  const outer = await Namespace.open({ kind: privilege });
  try {
    const inner = privilege === 'root' ? outer : await Namespace.open({ kind: 'within', outer });
    try {
      await runCommand(inner.command(['ip', 'link', 'add', 'dev', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1']));
      return {
        available: true,
        privilege,
        tap: await tapSupport(inner),
        nft: feature('nft', 'nftables'),
        tc: feature('tc', 'iproute2'),
      };
    } finally {
      await inner.close();
    }
  } finally {
    await outer.close();
  }
}

async function tapSupport(namespace: Namespace): Promise<Feature> {
  if (!existsSync('/dev/net/tun')) return { available: false, reason: 'there is no /dev/net/tun' };
  try {
    // The kernel may refuse what the file's mode allows, so it is opened.
    await runCommand(namespace.command(['sh', '-c', 'exec 3<>/dev/net/tun']));
    return { available: true };
  } catch {
    return { available: false, reason: '/dev/net/tun may not be opened' };
  }
}

/** Programs, and the Debian packages that bring them. */
const REQUIRED = [
  ['ip', 'iproute2'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
] as const;

function feature(program: string, debianPackage: string): Feature {
  if (isInstalled(program)) return { available: true };
  return { available: false, reason: `the program ${program} is not installed (Debian's package ${debianPackage})` };
}

function isMissing(feature: Feature): feature is Extract<Feature, { readonly available: false }> {
  return !feature.available;
}

function isInstalled(program: string): boolean {
  const folders = (environment()['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
