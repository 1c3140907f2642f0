import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CliError, StoppedBySignalError } from '../../../src/cli/cli-error.js';
import type { Ending } from '../../../src/cli/exec/disposition.js';
import { Execution, type ExecutionOptions } from '../../../src/cli/exec/execution.js';
import type { CommandRun } from '../../../src/cli/exec/run-command.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';

const KILL_AFTER = 5_000;

let network: SimulatedNetwork;
let runs: FakeRun[];
let said: string[];
let execution: Execution;
let result: Promise<number | Error>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
  network = new SimulatedNetwork();
  runs = [];
  said = [];
});

afterEach(() => {
  expect({ timers: vi.getTimerCount(), waiters: network.waiters, listeners: network.listeners }).toEqual({
    timers: 0,
    waiters: 0,
    listeners: 0,
  });
  vi.useRealTimers();
});

describe('a command', () => {
  it('that succeeds is run once', async () => {
    begin();
    last().exit(0);
    expect(await result).toBe(0);
    expect(runs).toHaveLength(1);
    expect(said).toEqual([]);
  });

  it('that fails while the network is there passes its exit code through, and is not run again', async () => {
    begin();
    last().exit(3);
    expect(await result).toBe(3);
    expect(runs).toHaveLength(1);
  });

  it('that fails in an outage is run again when the network is back, and that does not count', async () => {
    begin({ retry: { retries: 0, trialInterval: Number.POSITIVE_INFINITY } });
    network.down();
    last().exit(3);
    await pass(3_600_000);
    expect(runs).toHaveLength(1);
    network.up();
    await pass(20);
    expect(runs).toHaveLength(2);
    last().exit(0);
    expect(await result).toBe(0);
    expect(said).toEqual(['the network is down (no-carrier): waiting for it', 'going on after 1 h 0 min']);
  });

  it('that fails after an outage which it lived through is run again at once', async () => {
    begin();
    network.down();
    await pass(1_000);
    network.up();
    last().exit(3);
    await pass(20);
    expect(runs).toHaveLength(2);
    expect(said).toEqual(['the network was down meanwhile (no-carrier): running the command again']);
    last().exit(0);
    expect(await result).toBe(0);
  });

  it('that fails by itself is repeated as often as --retries says, with a backoff', async () => {
    begin({ retry: { retries: 2, minTimeout: 1_000, factor: 2 } });
    last().exit(7);
    await pass(999);
    expect(runs).toHaveLength(1);
    await pass(1);
    expect(runs).toHaveLength(2);
    last().exit(7);
    await pass(2_000);
    expect(runs).toHaveLength(3);
    last().exit(8);
    expect(await result).toBe(8);
    expect(said).toEqual([
      'the command failed (exit code 7), retries left: 2',
      'the command failed (exit code 7), retries left: 1',
    ]);
  });

  it('whose exit code is an answer is over, also in an outage and with retries left', async () => {
    begin({ retry: { retries: 5 }, finalCodes: new Set([22]) });
    network.down();
    last().exit(22);
    expect(await result).toBe(22);
    expect(runs).toHaveLength(1);
  });

  it('that cannot be started is over, and says why', async () => {
    begin({ retry: { retries: 5 } });
    last().settle({ kind: 'not-started', program: 'upload', code: 'ENOENT' });
    expect(await result).toBe(127);
    expect(said).toEqual(['upload: command not found']);
  });

  it('that begins in an outage is held back until the network is there', async () => {
    network.down('no-address');
    begin();
    await pass(10_000);
    expect(runs).toHaveLength(0);
    network.up();
    await pass(0);
    last().exit(0);
    expect(await result).toBe(0);
  });
});

describe('a command that hangs in an outage', () => {
  it('is ended, and run again when nothing of it is left and the network is back', async () => {
    begin();
    network.down();
    await pass(1_999);
    expect(last().ends).toEqual([]);
    await pass(1);
    expect(last().ends).toEqual([KILL_AFTER]);
    network.up();
    await pass(60_000);
    expect(runs).toHaveLength(1);
    last().die('SIGTERM');
    await pass(20);
    expect(runs).toHaveLength(2);
    last().exit(0);
    expect(await result).toBe(0);
    expect(said[0]).toBe('the network is gone (no-carrier): ending the command, to run it again');
  });

  it('and ends well all the same has succeeded', async () => {
    begin();
    network.down();
    await pass(2_000);
    last().exit(0);
    expect(await result).toBe(0);
  });

  it('is given the time that --interrupt-after says', async () => {
    begin({ retry: { retries: 0, interruptAfter: Number.POSITIVE_INFINITY } });
    network.down();
    await pass(3_600_000);
    expect(last().ends).toEqual([]);
    network.up();
    last().exit(0);
    expect(await result).toBe(0);
  });
});

describe('a limit', () => {
  it('for a pause ends with the exit code of the command, where it failed by itself', async () => {
    begin({ retry: { retries: 0, maxPause: 1_000 } });
    network.down();
    last().exit(3);
    await pass(1_000);
    expect(await result).toBe(3);
    expect(said.at(-1)).toBe('the network did not come back in time: gave up');
  });

  it('for a pause ends with 124, where the command was never run', async () => {
    network.down();
    begin({ retry: { retries: 0, maxPause: 1_000 } });
    await pass(1_000);
    expect(await result).toMatchObject({ exitCode: 124 });
    expect(await result).toBeInstanceOf(CliError);
  });

  it('for a run ends the command, and with 124', async () => {
    begin({ retry: { retries: 0, timeout: 300 } });
    await pass(300);
    expect(last().ends).toEqual([KILL_AFTER]);
    last().die('SIGTERM');
    expect(await result).toMatchObject({ exitCode: 124, message: 'the command did not end within 300 ms: gave up' });
  });
});

describe('a signal to end', () => {
  it('is handed to the command, and how that ends is how we end', async () => {
    begin({ retry: { retries: 5 } });
    execution.stop('SIGTERM', 'us');
    expect(last().signals).toEqual(['SIGTERM']);
    last().exit(9);
    expect(await result).toBe(9);
    expect(runs).toHaveLength(1);
  });

  it('that the terminal has sent to the command as well is not sent twice', async () => {
    begin({ retry: { retries: 5 } });
    execution.stop('SIGINT', 'both');
    expect(last().signals).toEqual([]);
    last().die('SIGINT');
    expect(await result).toBe(130);
  });

  it('ends a pause at once', async () => {
    network.down();
    begin();
    await pass(1_000);
    execution.stop('SIGTERM', 'us');
    expect(await result).toBeInstanceOf(StoppedBySignalError);
    expect(await result).toMatchObject({ exitCode: 143 });
  });

  it('ends a backoff at once', async () => {
    begin({ retry: { retries: 1, minTimeout: 60_000 } });
    last().exit(1);
    await pass(1_000);
    execution.stop('SIGHUP', 'us');
    expect(await result).toMatchObject({ exitCode: 129 });
    expect(runs).toHaveLength(1);
  });

  it('in an outage keeps a command that is being ended from being run again', async () => {
    begin();
    network.down();
    await pass(2_000);
    execution.stop('SIGTERM', 'us');
    last().die('SIGTERM');
    expect(await result).toBe(143);
  });
});

it('hands other signals on while the command runs', async () => {
  begin();
  execution.pass('SIGUSR1');
  expect(last().signals).toEqual(['SIGUSR1']);
  last().exit(0);
  expect(await result).toBe(0);
  execution.pass('SIGUSR1');
});

/** A command that ends when the test says so. */
class FakeRun implements CommandRun {
  readonly signals: NodeJS.Signals[] = [];
  /** The graces with which it was told to end. */
  readonly ends: number[] = [];
  readonly ended: Promise<Ending>;
  readonly settle: (ending: Ending) => void;

  constructor() {
    const { promise, resolve } = withResolvers<Ending>();
    this.ended = promise;
    this.settle = resolve;
  }

  signal(signal: NodeJS.Signals): void {
    this.signals.push(signal);
  }

  end(grace: number): void {
    this.ends.push(grace);
  }

  exit(code: number): void {
    this.settle({ kind: 'exited', code });
  }

  die(signal: NodeJS.Signals): void {
    this.settle({ kind: 'killed', signal });
  }
}

function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function begin(options: Partial<ExecutionOptions> = {}): void {
  const start = (): CommandRun => {
    const run = new FakeRun();
    runs.push(run);
    return run;
  };
  execution = new Execution(
    { network, killAfter: KILL_AFTER, finalCodes: new Set(), retry: { retries: 0 }, ...options },
    { start, say: (line) => said.push(line) },
  );
  result = execution.run().catch((error: Error) => error);
}

function last(): FakeRun {
  const run = runs.at(-1);
  if (run === undefined) throw new Error('the command was not started');
  return run;
}

/** Lets time pass, and everything that it sets off. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  for (let count = 0; count < 5; count += 1) await new Promise((resolve) => setImmediate(resolve));
}
