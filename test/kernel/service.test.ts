import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type NetworkShare, shareNetwork } from '../../src/service/index.js';
import { SimulatedNetwork } from '../../src/testing/index.js';
import { type Compiled, compile } from './service-programs/compile.js';

const BOUND = { timeout: 20_000 };

let compiled: Compiled;

beforeAll(async () => {
  compiled = await compile([
    'test/kernel/service-programs/follower.ts',
    'test/kernel/service-programs/owner.ts',
    'examples/service/http-service.ts',
    'examples/service/worker-threads.ts',
    'examples/service/cluster.ts',
  ]);
});
afterAll(() => compiled?.[Symbol.asyncDispose]());

/** Another thread or process with work in it. */
interface Follower {
  readonly share: NetworkShare;
  readonly heard: readonly unknown[];
  readonly exit: Promise<unknown>;
  send(message: string): void;
  /** Ends it, in the middle of whatever it does. */
  kill(): void;
}

type Start = (network: SimulatedNetwork, task: string) => Follower;

const startThread: Start = (network, task) => {
  const { port1, port2 } = new MessageChannel();
  const share = shareNetwork(network, port1);
  const worker = new Worker(compiled.path('follower'), {
    workerData: { task, networkPort: port2 },
    transferList: [port2],
  });
  const heard: unknown[] = [];
  worker.on('message', (message) => heard.push(message));
  return {
    share,
    heard,
    exit: once(worker, 'exit').then(([code]) => code),
    send: (message) => worker.postMessage(message),
    kill: () => void worker.terminate(),
  };
};

const startChild: Start = (network, task) => {
  const child = fork(compiled.path('follower'), {
    env: { ...process.env, SETTINGS: JSON.stringify({ task }) },
    execArgv: [],
  });
  return follower(child, shareNetwork(network, child));
};

const startClusterWorker: Start = (network, task) => {
  cluster.setupPrimary({ exec: compiled.path('follower'), execArgv: [] });
  const worker = cluster.fork({ SETTINGS: JSON.stringify({ task }) });
  return follower(worker.process, shareNetwork(network, worker));
};

function follower(child: ChildProcess, share: NetworkShare): Follower {
  const heard: unknown[] = [];
  child.on('message', (message) => {
    if (typeof message === 'string') heard.push(message);
  });
  return {
    share,
    heard,
    exit: once(child, 'exit').then(([code]) => code),
    send: (message) => child.send(message),
    kill: () => child.kill('SIGKILL'),
  };
}

describe.each([
  { what: 'a worker thread', start: startThread, endsByItself: true },
  { what: 'a forked process', start: startChild, endsByItself: true },
  // A cluster's worker lives until it is disconnected, with netpause and without.
  { what: "a cluster's worker", start: startClusterWorker, endsByItself: false },
])('$what that uses the monitor of another', ({ start, endsByItself }) => {
  let network: SimulatedNetwork;
  let running: Follower | undefined;

  beforeEach(() => {
    network = new SimulatedNetwork();
  });
  afterEach(async () => {
    running?.kill();
    await running?.exit;
    running = undefined;
  });

  const begin = (task: string): Follower => {
    running = start(network, task);
    return running;
  };
  const hears = (work: Follower, event: string) => vi.waitFor(() => expect(work.heard).toContain(event), BOUND);
  const expectNothingLeft = () =>
    vi.waitFor(() => expect(network).toMatchObject({ waiters: 0, listeners: 0, tracked: 0 }), BOUND);

  it('survives an outage that only its own failure reveals, on its only attempt', async () => {
    const work = begin('work');
    await hears(work, 'attempt');
    expect(network.tracked).toBe(1);
    network.downUnnoticed('unreachable');
    work.send('fail');
    await hears(work, 'pause unreachable');
    await vi.waitFor(() => expect(network.waiters).toBe(1), BOUND);
    network.up();
    await hears(work, 'settled: uploaded, 2 attempts');
    if (!endsByItself) work.kill();
    expect(await work.exit).toBe(endsByItself ? 0 : null);
    await expectNothingLeft();
  });

  it('goes on when it is told nothing more', async () => {
    network.down();
    const work = begin('wait');
    await hears(work, 'waiting: down');
    work.share.close();
    await hears(work, 'then: unknown');
    if (endsByItself) expect(await work.exit).toBe(42);
    await expectNothingLeft();
  });

  it('leaves nothing at the monitor when it is killed', async () => {
    network.down();
    const work = begin('wait');
    await hears(work, 'waiting: down');
    await vi.waitFor(() => expect(network.waiters).toBe(1), BOUND);
    work.kill();
    await expectNothingLeft();
  });

  it('lives as long as it listens to messages of its own', async () => {
    const work = begin('listen');
    await hears(work, 'listening');
    work.send('first');
    await hears(work, 'still here');
    work.send('second');
    if (endsByItself) expect(await work.exit).toBe(0);
  });
});

describe('a forked process whose parent hangs up', () => {
  it('goes on, and knows nothing of the network any more', async () => {
    const network = new SimulatedNetwork({ state: 'down' });
    const child = fork(compiled.path('follower'), {
      env: { ...process.env, SETTINGS: JSON.stringify({ task: 'wait' }) },
      execArgv: [],
    });
    const { heard, exit } = follower(child, shareNetwork(network, child));
    await vi.waitFor(() => expect(heard).toContain('waiting: down'), BOUND);
    child.disconnect();
    expect(await exit).toBe(42);
    expect(network).toMatchObject({ waiters: 0, listeners: 0 });
  });
});

describe('a process that shares its monitor', () => {
  it('is not kept alive by that, nor are those that it shares with', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [compiled.path('owner')], BOUND);
    expect({ stdout, stderr }).toEqual({ stdout: 'shared: down\nthe child ended with 0\n', stderr: '' });
  });
});

describe('the examples', () => {
  let upstream: Server;
  let running: ChildProcess | undefined;

  beforeEach(async () => {
    upstream = createServer().listen(0, '127.0.0.1');
    await once(upstream, 'listening');
  });
  afterEach(async () => {
    if (running?.exitCode === null && running.signalCode === null) {
      running.kill('SIGKILL');
      await once(running, 'exit');
    }
    running = undefined;
    upstream.closeAllConnections();
    upstream.close();
  });

  interface Program {
    readonly process: ChildProcess;
    readonly lines: readonly string[];
    readonly exit: Promise<unknown>;
    line(pattern: RegExp): Promise<RegExpExecArray>;
  }

  function run(name: string): Program {
    const env = { ...process.env, PORT: '0', UPSTREAM: `http://127.0.0.1:${portOf(upstream)}/` };
    const child = spawn(process.execPath, [compiled.path(name)], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    running = child;
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    return {
      process: child,
      get lines() {
        return output.trim().split('\n');
      },
      exit: once(child, 'exit'),
      line: (pattern) =>
        vi.waitFor(() => {
          const match = pattern.exec(output);
          if (match === null) throw new Error(`no ${pattern} in: ${output}`);
          return match;
        }, BOUND),
    };
  }

  it('http-service: tells how it is, and at SIGTERM finishes the request that is under way', async () => {
    const program = run('http-service');
    const [, port] = await program.line(/"port":(\d+)/);
    const base = `http://127.0.0.1:${port}`;
    for (const path of ['/livez', '/readyz']) {
      const response = await fetch(base + path);
      expect({ status: response.status, body: await response.json() }).toMatchObject({
        status: 200,
        body: { status: 'pass', network: { source: expect.any(String) } },
      });
    }
    const asked = once(upstream, 'request');
    const answer = fetch(`${base}/`);
    const [, response] = await asked;
    program.process.kill('SIGTERM');
    // It takes no new connection from now on, and the old request goes on.
    await vi.waitFor(() => expect(fetch(`${base}/livez`)).rejects.toThrow(), BOUND);
    response.end('from upstream');
    expect(await (await answer).text()).toBe('from upstream');
    expect(await program.exit).toEqual([0, null]);
    expect(program.lines.at(-1)).toBe('ended: drained');
  });

  it('http-service: ends at once at a second signal', async () => {
    const program = run('http-service');
    const [, port] = await program.line(/"port":(\d+)/);
    const asked = once(upstream, 'request');
    fetch(`http://127.0.0.1:${port}/`).catch(() => {});
    await asked;
    program.process.kill('SIGINT');
    // By then it is a second one, and not the echo of the first.
    const again = setInterval(() => program.process.kill('SIGINT'), 700);
    expect(await program.exit).toEqual([null, 'SIGINT']);
    clearInterval(again);
  });

  it('worker-threads: the threads know what the monitor of the main thread knows', async () => {
    const program = run('worker-threads');
    expect(await program.exit).toEqual([0, null]);
    expect([...program.lines].sort()).toEqual([
      expect.stringMatching(/^first: attempt 1 with the network (up|degraded|down)$/),
      expect.stringMatching(/^second: attempt 1 with the network (up|degraded|down)$/),
    ]);
  });

  it('cluster: the workers know what the monitor of the primary knows, and end with it', async () => {
    const program = run('cluster');
    const [, port] = await program.line(/listening (\d+)/);
    await vi.waitFor(async () => {
      const { network } = JSON.parse(await (await fetch(`http://127.0.0.1:${port}/`)).text());
      expect(network.reason).not.toBe('not-judged');
    }, BOUND);
    program.process.kill('SIGTERM');
    expect(await program.exit).toEqual([0, null]);
    expect(program.lines.at(-1)).toBe('ended: drained');
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
