import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { serveWatcher, type Word } from '../watcher.js';

/** What people do who want events without a native module: ip(8) writes them down, one a line. */
serveWatcher(async (say) => {
  const child = spawn('ip', ['-oneline', 'monitor', 'link', 'address', 'route'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface(child.stdout).on('line', (line) => {
    const word = judge(line);
    if (word !== undefined) say(word);
  });
  await once(child, 'spawn');
  return async () => {
    child.kill();
    await once(child, 'close');
  };
});

function judge(line: string): Word | undefined {
  const deleted = line.startsWith('Deleted ');
  if (/\beth0(@\S+)?: </.test(line)) return deleted || !/[<,]LOWER_UP[,>]/.test(line) ? 'down' : 'up';
  if (/\beth0 +inet /.test(line) || /^(Deleted )?default via /.test(line)) return deleted ? 'down' : 'up';
  return undefined;
}
