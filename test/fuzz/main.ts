/**
 * Tries mutations of captured datagrams on the decoder, and ends with one line of JSON: `{inputs, decoded, refused, failures, seconds}`.
 *
 *     npm run fuzz                                10,000,000 inputs with a seed of its own choice, which it prints
 *     npm run fuzz -- --quick                     200,000
 *     npm run fuzz -- --inputs 5000 --seed 7      so many, the same each time
 *     npm run fuzz -- --replay 14000000…          one datagram, in hexadecimal, as a failure prints it
 *
 * Exits with 1 where the decoder has broken a promise, with 2 where the command line is wrong.
 */
import { inspect } from 'node:util';
import { decodeDatagram } from '../../src/netlink/index.js';
import { checkerOf } from './check.js';
import type { Finding } from './fuzz.js';
import { type Order, parseOrder } from './options.js';
import { fuzzSupervised } from './supervise.js';

const order = readOrder();
if (order !== undefined) process.exitCode = (await carryOut(order)) ? 0 : 1;

function readOrder(): Order | undefined {
  try {
    return parseOrder(process.argv.slice(2));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
    return undefined;
  }
}

/** @returns whether the decoder has kept its promises. */
function carryOut(order: Order): boolean | Promise<boolean> {
  return order.kind === 'replay' ? replay(order.bytes) : run(order.inputs, order.seed);
}

async function run(inputs: number, seed: number): Promise<boolean> {
  say(`${inputs} inputs, seed ${seed}`);
  const start = performance.now();
  const secondsSince = (): number => (performance.now() - start) / 1_000;
  const { findings, ...tally } = await fuzzSupervised(inputs, seed, (input) =>
    showProgress(input + 1, inputs, secondsSince()),
  );
  hideProgress();
  for (const finding of findings) say(report(finding, seed));
  process.stdout.write(`${JSON.stringify({ ...tally, seconds: Math.round(secondsSince() * 10) / 10 })}\n`);
  return tally.failures === 0;
}

function replay(bytes: Uint8Array): boolean {
  const verdict = checkerOf(decodeDatagram)(bytes);
  process.stdout.write(`${inspect(verdict, { depth: null })}\n`);
  return verdict.kind !== 'violation';
}

function report({ input, hex, problem }: Finding, seed: number): string {
  return `FAILED: ${problem}\n  input ${input} of seed ${seed}; to see it again: npm run fuzz -- --replay ${hex}`;
}

function showProgress(done: number, inputs: number, seconds: number): void {
  if (!process.stderr.isTTY) return;
  const percent = Math.floor((done / inputs) * 100);
  process.stderr.write(`\r\x1b[Kfuzz: ${done} of ${inputs} (${percent} %), ${Math.round(done / seconds)} a second`);
}

function hideProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

function say(text: string): void {
  process.stderr.write(`fuzz: ${text}\n`);
}
