import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRetryer, type LogRecord, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { expectNothingLeft, holdTime, Manual, networkError, pass, watch } from '../retry/support.js';

let network: SimulatedNetwork;
let lines: string[];

const logger = {
  debug: (line: string) => void lines.push(`debug ${line}`),
  info: (line: string) => void lines.push(`info ${line}`),
  warn: (line: string) => void lines.push(`warn ${line}`),
  error: (line: string) => void lines.push(`error ${line}`),
};

beforeEach(() => {
  holdTime();
  network = new SimulatedNetwork();
  lines = [];
});

afterEach(() => {
  expectNothingLeft(network);
  vi.useRealTimers();
});

describe('the log of a call', () => {
  it('tells of an outage and of a failure, each as what it was', async () => {
    const retryer = createRetryer({ network, logger, name: 'S3upload', retries: 1, minTimeout: 100 });
    const manual = new Manual();
    const call = watch(retryer.run(manual.operation));
    await pass(10);
    manual.last.reject(new Error('the server'));
    await pass(100);
    network.down();
    manual.last.reject(networkError());
    await pass(5_000);
    network.up();
    await pass(20);
    manual.last.resolve('done');
    await call.promise;
    expect(lines).toEqual([
      'debug attempt starts operation=S3upload attempt=1',
      'warn attempt failed operation=S3upload attempt=1 durationMs=10 error="Error: the server"',
      'debug attempt starts operation=S3upload attempt=2',
      'debug attempt lost to the network operation=S3upload attempt=2 durationMs=0 error="ECONNRESET (test)"',
      'warn network is down, waiting for network to recover operation=S3upload attempt=2 reason=no-carrier',
      'info network recovered, retrying operation operation=S3upload attempt=2 reason=no-carrier pausedMs=5000',
      'debug attempt starts operation=S3upload attempt=2',
      'info operation succeeded operation=S3upload attempt=2 outages=1 durationMs=5130',
    ]);
  });

  it('whispers where all is well', async () => {
    await createRetryer({ network, logger }).run(() => 'done');
    expect(lines).toEqual(['debug attempt starts attempt=1', 'debug operation succeeded attempt=1 durationMs=0']);
  });

  it('does not say that the network recovered where a trial ended the pause', async () => {
    network.down();
    const call = watch(createRetryer({ network, logger, trialInterval: 1_000 }).run(() => 'done'));
    await pass(1_000);
    await call.promise;
    expect(lines).toEqual([
      'warn network is down, waiting for network to recover attempt=1 reason=no-carrier',
      'debug attempt starts attempt=1 trial=true',
      'info pause ended by a trial attempt=1 reason=no-carrier pausedMs=1000',
      'info operation succeeded attempt=1 outages=1 durationMs=1000',
    ]);
  });

  it('says that the network recovered where the trials before that were in vain', async () => {
    network.down();
    const operation = vi.fn(() => Promise.reject(networkError())).mockName('operation');
    const call = watch(createRetryer({ network, logger, retries: 0, trialInterval: 1_000 }).run(operation));
    await pass(1_500);
    operation.mockImplementation(() => Promise.reject(new Error('the server')));
    network.up();
    await pass(100);
    await expect(call.promise).rejects.toThrow('the server');
    expect(lines.slice(2)).toEqual([
      'debug attempt lost to the network attempt=1 trial=true durationMs=0 error="ECONNRESET (test)"',
      'info network recovered, retrying operation attempt=1 reason=no-carrier pausedMs=1500',
      'debug attempt starts attempt=1',
      'warn attempt failed attempt=1 durationMs=0 error="Error: the server"',
      'error operation failed attempt=1 outages=1 durationMs=1500 error="Error: the server"',
    ]);
  });

  it('takes an abort for what it is', async () => {
    const controller = new AbortController();
    network.down();
    const call = watch(retry(() => 'done', { network, logger, signal: controller.signal }));
    await pass(10);
    controller.abort(new Error('the user went home'));
    await expect(call.promise).rejects.toThrow('the user went home');
    expect(lines.at(-1)).toBe(
      'info operation aborted attempt=1 outages=1 durationMs=10 error="Error: the user went home"',
    );
  });

  it('cannot be forged by a name', async () => {
    await createRetryer({ network, logger, name: 'a\nerror operation failed' }).run(() => 'done');
    expect(lines[0]).toBe('debug attempt starts operation="a\\nerror operation failed" attempt=1');
  });

  it('can be set for one run, before that of the retryer', async () => {
    const records: LogRecord[] = [];
    const retryer = createRetryer({ network, logger });
    await retryer.run(() => 'done', { logger: (record) => records.push(record) });
    await retryer.wrap(() => 'done', { logger: (record) => records.push(record) })();
    expect(records.map(({ message }) => message)).toEqual([
      'attempt starts',
      'operation succeeded',
      'attempt starts',
      'operation succeeded',
    ]);
    expect(lines).toEqual([]);
  });

  it('harms nothing when it throws', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const refuse = (): never => {
      throw new Error('the disk is full');
    };
    await expect(createRetryer({ network, logger: refuse }).run(() => 'done')).resolves.toBe('done');
    expect(warned).toHaveBeenCalledTimes(2);
    warned.mockRestore();
  });
});
