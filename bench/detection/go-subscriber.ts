import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError, runCommand } from '../../test/lab/command.js';
import type { Stage } from '../stage/index.js';

export type GoSubscriber =
  | { readonly kind: 'built'; readonly path: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Debian's packages put their sources there (golang-github-vishvananda-netlink-dev); GOPATH names another place. */
const DEBIAN_GOPATH = '/usr/share/gocode';

const BUILD_WITHIN = 120_000;

/** Builds the subscriber on vishvananda/netlink, from sources that are on this machine already. */
export async function goSubscriber(stage: Stage): Promise<GoSubscriber> {
  const gopath = process.env['GOPATH'] ?? DEBIAN_GOPATH;
  const library = join(gopath, 'src/github.com/vishvananda/netlink');
  try {
    await access(library);
  } catch {
    return { kind: 'unavailable', reason: `${library} is missing (Debian: golang-github-vishvananda-netlink-dev)` };
  }
  const folder = await stage.folder('go');
  const settings = [`GOPATH=${gopath}`, 'GO111MODULE=off', `GOCACHE=${join(folder, 'cache')}`];
  const path = join(folder, 'subscriber');
  const source = fileURLToPath(new URL('./subscriber/main.go', import.meta.url));
  try {
    await runCommand(['env', ...settings, 'go', 'build', '-o', path, source], { timeout: BUILD_WITHIN });
    return { kind: 'built', path };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { kind: 'unavailable', reason: error.message };
  }
}
