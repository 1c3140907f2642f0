import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Checks the types of the packed tarball. `attw --pack` would do the same, but packs into the checkout and deletes whatever tarball of this
 * version somebody had made there.
 */
const folder = mkdtempSync(join(tmpdir(), 'netpause-attw-'));
try {
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]);
  const [tarball = ''] = readdirSync(folder);
  run(join('node_modules', '.bin', 'attw'), [join(folder, tarball)]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exitCode = status ?? 1;
}
