import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { createRegistry, type Registry, type RegistryOptions } from '../../../../src/ring/registry/index.js';

/** What a registry answered. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** A registry that somebody asks. */
export class AskedRegistry implements AsyncDisposable {
  readonly registry: Registry;

  private constructor(registry: Registry) {
    this.registry = registry;
  }

  static async start(options: RegistryOptions = {}): Promise<AskedRegistry> {
    const rate = { perSecond: 1e6, burst: 1e6 };
    return new AskedRegistry(await createRegistry({ port: 0, rate, ...options }));
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return ask(`${this.registry.url}${path}`, 'GET', headers);
  }

  /** @param body an object, or what is sent as it is. */
  post(path: string, body: object | string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const sent = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return ask(`${this.registry.url}${path}`, 'POST', { 'content-type': 'application/json', ...headers }, sent);
  }

  register(id: string, more: object = {}): Promise<Answer> {
    return this.post('/register', { instance_id: id, location: 'dc1', ip: '192.0.2.1', port: 8757, ...more });
  }

  report(id: string, metrics: object, more: object = {}): Promise<Answer> {
    return this.post('/report_metrics', { instance_id: id, metrics, ...more });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.registry.close();
  }
}

/** By `node:http`: fetch adds what it likes to the header. */
async function ask(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      text(response).then(
        (answer) =>
          resolve({ status: response.statusCode, headers: response.headers, text: answer, json: jsonIn(answer) }),
        reject,
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function jsonIn(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}

/** One result of a check, as a member reports it. */
export function check(more: object = {}): object {
  return {
    type: 'tcp',
    target: 'b',
    target_location: 'dc2',
    target_ip: '192.0.2.2',
    verdict: 'ok',
    at: 1_700_000_000_000,
    latency_ms: 1.5,
    ...more,
  };
}
