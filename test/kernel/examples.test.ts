import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, type TestContext } from 'vitest';
import { ROOT } from '../docs/sources.js';
import { until, within } from '../lab/bounded.js';
import { environment } from '../lab/command.js';
import { describeInLab } from '../lab/describe-in-lab.js';
import { requireProgram } from '../servers/require-program.js';
import { lanes } from './lanes.js';

interface Example {
  readonly file: string;
  /** What it prints, in this order, among other lines. */
  readonly prints: readonly RegExp[];
  /** A program that it starts, and the Debian package that brings it. */
  readonly program?: readonly [name: string, debianPackage: string];
  /** A package of npm that users install for it, and that this checkout may lack. */
  readonly npmPackage?: string;
}

const PULLED = /the cable is pulled/;
const WAITS = /waits for the network \(no-carrier\)/;
const PLUGGED_IN = /the cable is plugged in again/;

const EXAMPLES: readonly Example[] = [
  {
    file: 'quick-start.ts',
    prints: [/the answer to \/2/, PULLED, /not spent/, /the request waits/, PLUGGED_IN, /the answer to \/5/],
  },
  {
    file: 's3-upload.ts',
    prints: [/is stored/, PULLED, WAITS, PLUGGED_IN, /complete: 7 parts/, /the object is the same as the file/],
  },
  {
    file: 'sftp-upload.ts',
    prints: [/have arrived/, PULLED, WAITS, PLUGGED_IN, /all 16 MiB have arrived/],
  },
  {
    file: 'fetch-download.ts',
    prints: [/2 of 8 MiB/, PULLED, WAITS, PLUGGED_IN, /complete: 8 MiB, sha256 verified/],
  },
  {
    file: 'vcenter-export.ts',
    prints: [/the task is done/, PULLED, WAITS, PLUGGED_IN, /disk-1\.vmdk: 1 MiB, verified/, /the export is complete/],
  },
  {
    file: 'service/long-running-daemon.ts',
    prints: [/did job 1/, PULLED, /network is down, waiting/, PLUGGED_IN, /did job/, /ended: drained, after 6 jobs/],
  },
  {
    file: 'service/health-endpoint.ts',
    prints: [
      /before .* livez 200, readyz 200/,
      PULLED,
      /during .* livez 200, readyz 503, 1 operations paused/,
      PLUGGED_IN,
      /came in during it: hello from upstream/,
      /after .* livez 200, readyz 200, 0 operations paused/,
    ],
  },
  {
    file: 'databases/redis.ts',
    prints: [/stored reading 5, 5 in all/, PULLED, WAITS, PLUGGED_IN, /10 readings, and the counter says 5/],
    program: ['redis-server', 'redis-server'],
  },
  {
    file: 'databases/postgresql.ts',
    prints: [/order 10 is in/, PULLED, WAITS, PLUGGED_IN, /the report says 10 orders/],
    program: ['pg_ctlcluster', 'postgresql'],
  },
  {
    file: 'databases/nats.ts',
    prints: [/order 5 is message 5/, PULLED, WAITS, PLUGGED_IN, /order 10 is message 10$/m],
    program: ['nats-server', 'nats-server'],
  },
  {
    file: 'uploads/tus.ts',
    prints: [/3 MiB are there/, PULLED, WAITS, PLUGGED_IN, /complete: the server has 8 MiB/],
  },
  {
    file: 'uploads/azure-blob.js',
    prints: [/3 MiB are there/, PULLED, WAITS, PLUGGED_IN, /complete: the server has 8 MiB, the same/],
    npmPackage: '@azure/storage-blob',
  },
  {
    file: 'uploads/google-cloud-storage.js',
    prints: [/3 MiB are on their way/, PULLED, WAITS, PLUGGED_IN, /complete: the server has 8 MiB/],
    npmPackage: '@google-cloud/storage',
  },
];

/** They wait most of the time. */
const AT_A_TIME = 4;

/** Milliseconds for one example, which takes about 7,000 where the machine has nothing else to do. */
const BOUND = 60_000;

describeInLab('an example goes through its outage, ends by itself and leaves nothing behind', ['tc'], () => {
  const inTurn = lanes(AT_A_TIME);

  it.concurrent.for(EXAMPLES)('$file', { timeout: EXAMPLES.length * BOUND }, async (example, context) => {
    requireAll(context, example);
    await inTurn(async () => {
      const { code, stdout, stderr, files } = await run(example.file);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(linesInOrder(example.prints, stdout), stdout).toEqual(example.prints.map(String));
      expect(stdout).not.toContain('an attempt was spent');
      expect(files).toEqual([]);
    });
  });
});

describe('every example', () => {
  it('that says how to run it is run here', () => {
    const folder = join(ROOT, 'examples');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const runnable = files.filter((file) => /\.[jt]s$/.test(file) && saysHowToRun(folder, file));
    expect(runnable.toSorted()).toEqual(EXAMPLES.map(({ file }) => file).toSorted());
  });
});

function saysHowToRun(folder: string, file: string): boolean {
  return readFileSync(join(folder, file), 'utf8').includes(`npx tsx examples/${file}`);
}

function requireAll(context: TestContext, { program, npmPackage }: Example): void {
  if (program !== undefined) requireProgram(context, ...program);
  if (npmPackage !== undefined && !isInstalled(npmPackage)) context.skip(`${npmPackage} is not installed`);
}

function isInstalled(npmPackage: string): boolean {
  try {
    createRequire(import.meta.url).resolve(npmPackage);
    return true;
  } catch {
    return false;
  }
}

const ENVIRONMENT = {
  // The test runner's own.
  NODE_OPTIONS: '',
  // Its cache would be a file that is left behind.
  TSX_DISABLE_CACHE: '1',
  // The AWS SDK's announcement of its end of support for the running Node.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** Runs an example to its end. @returns also what files it has left behind. It fails where a process of it does not end. */
async function run(file: string) {
  const folder = await mkdtemp(join(tmpdir(), 'netpause-examples-'));
  const mark = `NETPAUSE_EXAMPLE=${randomUUID()}`;
  const [name = '', value = ''] = mark.split('=');
  try {
    const child = spawn(process.execPath, ['--import', 'tsx', join('examples', file)], {
      cwd: ROOT,
      env: environment({ ...ENVIRONMENT, TMPDIR: folder, [name]: value }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    const [stdout, stderr, [code]] = await within(BOUND, () => `the end of ${file}`, output).finally(() =>
      child.kill('SIGKILL'),
    );
    await until(
      () => !isAnyRunning(mark),
      () => `the end of what ${file} has started`,
    );
    return { code, stdout, stderr, files: await readdir(folder) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whether a process has this in its environment: children inherit it, however far they have gone. */
function isAnyRunning(mark: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      // It has just ended.
      return false;
    }
  });
}

/** Those patterns that are found, each in a line behind that of the one before. */
function linesInOrder(patterns: readonly RegExp[], output: string): readonly string[] {
  const lines = output.split('\n');
  return patterns.flatMap((pattern) => {
    const index = lines.findIndex((line) => pattern.test(line));
    if (index === -1) return [];
    lines.splice(0, index + 1);
    return [String(pattern)];
  });
}
