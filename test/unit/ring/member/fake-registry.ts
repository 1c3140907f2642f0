import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type InstanceRequest,
  type MemberRecord,
  type RegisterRequest,
  type ReportRequest,
  reportRequestSchema,
} from '../../../../src/ring/wire/index.js';

/** What a test has the registry do instead of what it should. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** As much of a registry as a member needs, on loopback, which does wrong whatever a test wants. */
export class FakeRegistry {
  readonly members = new Map<string, MemberRecord>();
  /** Those that were acknowledged, in the order of their coming. */
  readonly reports: ReportRequest[] = [];
  /** All requests, as `'POST /register'`. */
  readonly requests: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** By paths. */
  readonly misbehaviours = new Map<string, Misbehaviour>();
  /** As one of Netring, which does not say that it reads checks. */
  isOfNetring = false;
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    await registry.open();
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Answers, on the same port as before. */
  async open(): Promise<void> {
    const server = createServer((request, response) => {
      void this.#handle(request, response);
    });
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = portOf(server);
  }

  /** Is away. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  add(member: Partial<MemberRecord> & Pick<MemberRecord, 'instance_id' | 'port'>): void {
    this.members.set(member.instance_id, {
      location: 'elsewhere',
      ip: '127.0.0.1',
      last_seen: 1,
      registered_at: 1,
      status: 'active',
      ...member,
    });
  }

  count(request: string): number {
    return this.requests.filter((each) => each === request).length;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => '');
    const path = request.url ?? '';
    this.requests.push(`${request.method} ${path}`);
    this.authorizations.push(request.headers.authorization);
    const misbehave = this.misbehaviours.get(path);
    if (misbehave !== undefined) misbehave(request, response, body);
    else this.#answer(path, body, response);
  }

  #answer(path: string, body: string, response: ServerResponse): void {
    if (path === '/members') sendJson(response, 200, { members: [...this.members.values()] });
    else if (path === '/register') this.#register(JSON.parse(body), response);
    else this.#hear(path, JSON.parse(body), response);
  }

  #register(asked: RegisterRequest, response: ServerResponse): void {
    const id = asked.instance_id ?? 'nobody';
    this.add({ ...asked, instance_id: id });
    sendJson(response, 200, {
      instance_id: id,
      status: 'registered',
      ...(!this.isOfNetring && { reads_checks: true }),
    });
  }

  #hear(path: string, asked: InstanceRequest, response: ServerResponse): void {
    const isKnown = this.members.has(asked.instance_id);
    if (path === '/deregister') {
      this.members.delete(asked.instance_id);
      sendJson(response, 200, { status: 'deregistered' });
      return;
    }
    // Fails a test where a member reports what no registry would take.
    if (isKnown && path === '/report_metrics') this.reports.push(reportRequestSchema.parse(asked));
    if (isKnown) sendJson(response, 200, { status: 'ok' });
    else sendJson(response, 404, { error: 'member not found' });
  }
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
  return address.port;
}
