const { retryReport } = require('netpause');
const { SimulatedNetwork } = require('netpause/testing');
const { Uploader } = require('./uploader.js');

let network;
let put;
let uploader;
let failures;

beforeEach(() => {
  jest.useFakeTimers();
  network = new SimulatedNetwork();
  put = jest.fn(async () => {
    if (network.target('files.example.com:443').state === 'down') throw failed('ENETUNREACH');
    return 'stored';
  });
  uploader = new Uploader(network, put);
  failures = [];
  uploader.retryer.on('failure', ({ spent }) => failures.push(spent ? 'spent' : 'not spent'));
});

afterEach(() => {
  expect(network).toMatchObject({ waiters: 0, listeners: 0, tracked: 0 });
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('down: an upload waits for the network, however long it takes', async () => {
  network.down('no-carrier');
  const uploading = uploader.upload('a.txt');
  await jest.advanceTimersByTimeAsync(20_000);
  expect(put).not.toHaveBeenCalled();
  network.up();
  expect(await uploading).toBe('stored');
  expect(put).toHaveBeenCalledTimes(1);
});

test('down in the middle: a hung upload is ended after two seconds, and repeated without spending an attempt', async () => {
  put.mockImplementationOnce(takeSeconds(900));
  const uploading = uploader.upload('a.txt');
  network.down('no-carrier');
  await jest.advanceTimersByTimeAsync(2_000);
  expect(failures).toEqual(['not spent']);
  network.up();
  await jest.advanceTimersByTimeAsync(10);
  expect(await uploading).toBe('stored');
});

test('degraded: nothing is paused', async () => {
  network.degraded();
  expect(await uploader.upload('a.txt')).toBe('stored');
});

test('flap: an upload that is cut off again and again gets through in the end, and spends nothing', async () => {
  put.mockImplementation(takeSeconds(4));
  const flapping = network.flap({ times: 3, downFor: 5_000, upFor: 1_000 });
  const uploading = uploader.upload('a.txt');
  await jest.advanceTimersByTimeAsync(30_000);
  await flapping;
  expect(await uploading).toBe('stored');
  expect(failures).toEqual(['not spent', 'not spent']);
});

test('lose this destination: its uploads wait, and the rest of the network goes on', async () => {
  network.loseDestination('files.example.com:443');
  const uploading = uploader.upload('a.txt');
  await jest.advanceTimersByTimeAsync(60_000);
  expect(put).not.toHaveBeenCalled();
  expect(network.state).toBe('up');
  network.restoreDestination('files.example.com:443');
  expect(await uploading).toBe('stored');
});

test('a server that fails while the network is up spends every attempt', async () => {
  put.mockRejectedValue(failed('ECONNRESET'));
  const uploading = uploader.upload('a.txt').catch((error) => error);
  await jest.advanceTimersByTimeAsync(10_000);
  const report = retryReport(await uploading);
  expect(report.attempts.map(({ spent }) => spent)).toEqual([true, true, true, true]);
  expect(report.outages).toEqual([]);
  expect(failures).toEqual(['spent', 'spent', 'spent', 'spent']);
});

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
