import type { CheckRecord } from '../../src/ring/index.js';

/** Hops of a route across a provider or two. */
const HOPS = 8;

/**
 * What a member reports of others, as JSON: each kind of check once, but for bandwidth, whose turn comes seldom in a large ring.
 *
 * @param bytes that it may have at most.
 */
export function checksText(targets: number, bytes: number, at: number): string {
  let length = 1;
  const texts: string[] = [];
  for (const check of Array.from({ length: targets }, (_, index) => checksOf(index, at)).flat()) {
    const text = JSON.stringify(check);
    length += text.length + 1;
    if (length > bytes) break;
    texts.push(text);
  }
  return `[${texts.join(',')}]`;
}

/** As a UUID. */
export function idOf(index: number): string {
  return `00000000-0000-4000-8000-${`${index}`.padStart(12, '0')}`;
}

function checksOf(index: number, at: number): readonly CheckRecord[] {
  const about = {
    target: idOf(index),
    target_location: `site-${index}`,
    target_ip: addressOf(index),
    verdict: 'ok',
    at,
  } as const;
  // As many digits as a clock of nanoseconds gives.
  const latency = (scale: number): number => scale * (1.234_567 + (index % 97) / 113);
  return [
    { type: 'tcp', ...about, latency_ms: latency(10) },
    { type: 'http', ...about, endpoint: '/health', latency_ms: latency(21) },
    { type: 'http', ...about, endpoint: '/metrics', latency_ms: latency(23) },
    { type: 'ping', ...about, latency_ms: latency(10), jitter_ms: latency(0.1), loss: 0 },
    { type: 'traceroute', ...about, latency_ms: latency(30), hops: hopsOf(index, latency) },
  ];
}

/** Of the network 10.0.0.0/8. */
function addressOf(index: number): string {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}

function hopsOf(index: number, latency: (scale: number) => number): NonNullable<CheckRecord['hops']> {
  return Array.from({ length: HOPS }, (_, hop) => ({
    hop: hop + 1,
    ip: addressOf(index * HOPS + hop),
    latency_ms: latency(hop + 1),
  }));
}
