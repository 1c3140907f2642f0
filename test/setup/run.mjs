import { spawn } from 'node:child_process';

/**
 * Runs a command to its end, with a bound. It has no stdin, and a process group of its own, so that when the time is over nothing that it
 * has started is left behind.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ seconds: number, cwd?: string, env?: NodeJS.ProcessEnv, stdout?: NodeJS.WriteStream, log?: number }} options `stdout` defaults to our own; `log` is
 *   the descriptor of a file that takes everything.
 * @returns {Promise<{ ok: true } | { ok: false, reason: string }>} the reason as a phrase: `'exited with code 2'`.
 */
export function run(command, args, { seconds, cwd, env, log, stdout = process.stdout }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', log ?? stdout, log ?? process.stderr],
      detached: true,
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child);
    }, seconds * 1_000);
    // In a group of its own it does not hear of Ctrl-C, so we pass it on and leave as if it had reached us alone.
    const interrupt = (signal) => {
      endGroup(child);
      child.once('exit', () => process.exit(signal === 'SIGINT' ? 130 : 143));
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);

    const settle = (outcome) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      resolve(outcome);
    };
    child.once('error', (error) => settle({ ok: false, reason: `could not be started: ${error.message}` }));
    child.once('exit', (code, signal) => {
      if (timedOut) settle({ ok: false, reason: `took longer than ${Math.round(seconds)} s` });
      else if (code === 0) settle({ ok: true });
      else settle({ ok: false, reason: code === null ? `was ended by ${signal}` : `exited with code ${code}` });
    });
  });
}

const GRACE = 5_000;

function endGroup(child) {
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE);
  child.once('exit', () => {
    clearTimeout(timer);
    // The leader is gone; whatever it left in the group goes too.
    signalGroup(child, 'SIGKILL');
  });
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
