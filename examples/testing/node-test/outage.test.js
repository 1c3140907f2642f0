import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { retryReport } from 'netpause';
import { SimulatedNetwork } from 'netpause/testing';
import { Uploader } from './uploader.js';

let network;
let put;
let uploader;
let failures;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  // node:test leaves this clock alone, by which durations are measured.
  mock.method(performance, 'now', () => Date.now());
  network = new SimulatedNetwork();
  put = mock.fn(async () => {
    if (network.target('files.example.com:443').state === 'down') throw failed('ENETUNREACH');
    return 'stored';
  });
  uploader = new Uploader(network, put);
  failures = [];
  uploader.retryer.on('failure', ({ spent }) => failures.push(spent ? 'spent' : 'not spent'));
});

afterEach(() => {
  const { waiters, listeners, tracked } = network;
  assert.deepEqual({ waiters, listeners, tracked }, { waiters: 0, listeners: 0, tracked: 0 });
  mock.reset();
});

test('down: an upload waits for the network, however long it takes', async () => {
  network.down('no-carrier');
  const uploading = uploader.upload('a.txt');
  await advance(20_000);
  assert.equal(put.mock.callCount(), 0);
  network.up();
  assert.equal(await uploading, 'stored');
  assert.equal(put.mock.callCount(), 1);
});

test('down in the middle: a hung upload is ended after two seconds, and repeated without spending an attempt', async () => {
  put.mock.mockImplementationOnce(takeSeconds(900));
  const uploading = uploader.upload('a.txt');
  network.down('no-carrier');
  await advance(2_000);
  assert.deepEqual(failures, ['not spent']);
  network.up();
  await advance(10);
  assert.equal(await uploading, 'stored');
});

test('degraded: nothing is paused', async () => {
  network.degraded();
  assert.equal(await uploader.upload('a.txt'), 'stored');
});

test('flap: an upload that is cut off again and again gets through in the end, and spends nothing', async () => {
  put.mock.mockImplementation(takeSeconds(4));
  const flapping = network.flap({ times: 3, downFor: 5_000, upFor: 1_000 });
  const uploading = uploader.upload('a.txt');
  await advance(30_000);
  await flapping;
  assert.equal(await uploading, 'stored');
  assert.deepEqual(failures, ['not spent', 'not spent']);
});

test('lose this destination: its uploads wait, and the rest of the network goes on', async () => {
  network.loseDestination('files.example.com:443');
  const uploading = uploader.upload('a.txt');
  await advance(60_000);
  assert.equal(put.mock.callCount(), 0);
  assert.equal(network.state, 'up');
  network.restoreDestination('files.example.com:443');
  assert.equal(await uploading, 'stored');
});

test('a server that fails while the network is up spends every attempt', async () => {
  put.mock.mockImplementation(async () => {
    throw failed('ECONNRESET');
  });
  const uploading = uploader.upload('a.txt').catch((error) => error);
  await advance(10_000);
  const report = retryReport(await uploading);
  assert.deepEqual(
    report.attempts.map(({ spent }) => spent),
    [true, true, true, true],
  );
  assert.deepEqual(report.outages, []);
  assert.deepEqual(failures, ['spent', 'spent', 'spent', 'spent']);
});

/** Moves the clock in small steps, after each of which whatever waited for it has its turn, as it would have in real time. */
async function advance(milliseconds) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    mock.timers.tick(Math.min(10, end - Date.now()));
    await setImmediate();
  }
}

function failed(code) {
  return Object.assign(new Error(`connect ${code}`), { code });
}

function takeSeconds(seconds) {
  return (_file, { signal }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve('stored'), seconds * 1_000);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
}
