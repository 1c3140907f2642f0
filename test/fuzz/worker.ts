import { parentPort, workerData } from 'node:worker_threads';
import { decodeDatagram } from '../../src/netlink/index.js';
import { CAPTURED } from './captured.js';
import { checkerOf } from './check.js';
import { fuzz } from './fuzz.js';
import { inputsFrom } from './make-input.js';
import type { WorkerOrder } from './supervise.js';

const { inputs, seed, current }: WorkerOrder = workerData;

const tally = fuzz({
  inputs,
  makeInput: inputsFrom(CAPTURED, seed),
  check: checkerOf(decodeDatagram),
  onInput: (input) => {
    current[0] = input;
  },
});
parentPort?.postMessage(tally);
