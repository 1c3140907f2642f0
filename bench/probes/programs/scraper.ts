import { Agent, get } from 'node:http';
import { serveActor } from '../../../test/lab/actor/serve.js';
import type { Tally } from './prober.js';

/** Asks a blackbox_exporter for each target once in an interval, as Prometheus does. What that costs is not counted. */
const scraper = serveActor(() => ({
  async start(port: number, targets: readonly string[], interval: number): Promise<void> {
    await ask(port, targets[0] ?? '');
    const begun = performance.now();
    let asked = 0;
    timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / interval) * targets.length);
      for (; asked < due; asked += 1) void count(port, targets[asked % targets.length] ?? '');
    }, 5);
  },
  tally: (): Tally => tally,
  stop(): void {
    clearInterval(timer);
    agent.destroy();
  },
}));

export type Scraper = typeof scraper;

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const tally: Tally = { probes: 0, ok: 0 };
let timer: NodeJS.Timeout | undefined;

async function count(port: number, target: string): Promise<void> {
  const text = await ask(port, target).catch(() => '');
  tally.probes += 1;
  if (text.includes('probe_success 1')) tally.ok += 1;
}

function ask(port: number, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = `/probe?module=tcp_connect&target=${encodeURIComponent(target)}`;
    const request = get({ host: '127.0.0.1', port, path, agent }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(text);
    });
    request.on('error', reject);
  });
}
