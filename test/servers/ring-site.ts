import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMember, createRegistry, type Member, type Registry, readExpectedMembers } from '../../src/ring/index.js';
import { SimulatedNetwork } from '../../src/testing/index.js';
import { until } from '../lab/bounded.js';

/**
 * A ring on loopback of two real members, `a` and `b`; later of `c` too, which only answers: so that it can be switched off without saying that it
 * goes. Another one is expected and never comes.
 */
export class RingSite implements AsyncDisposable {
  readonly registry: Registry;
  readonly a: Member;
  readonly b: Member;
  /** That of `a`. */
  readonly network: SimulatedNetwork;
  readonly #c: Server;

  private constructor(parts: Pick<RingSite, 'registry' | 'a' | 'b' | 'network'>, c: Server) {
    this.registry = parts.registry;
    this.a = parts.a;
    this.b = parts.b;
    this.network = parts.network;
    this.#c = c;
  }

  static async start(): Promise<RingSite> {
    const registry = await createRegistry({ port: 0, rate: { perSecond: 1e6, burst: 1e6 }, expected: EXPECTED });
    const network = new SimulatedNetwork();
    const options = { registryUrl: registry.url, port: 0, ...FAST };
    const a = await createMember({ ...options, location: 'at-a', instanceId: 'a', monitor: network });
    const b = await createMember({ ...options, location: 'at-b', instanceId: 'b' });
    return new RingSite({ registry, a, b, network }, await answering());
  }

  /** Lets `c` join, after `a` has measured the bandwidth from `b`: among three that takes longer, by the timetable. */
  async grow(): Promise<void> {
    await this.pageWith('a', /^netring_bandwidth_mbps\{/m);
    const { port }: AddressInfo = Object(this.#c.address());
    await post(`${this.registry.url}/register`, { instance_id: 'c', location: 'at-c', ip: '127.0.0.1', port });
  }

  /** What Prometheus gets of a member. */
  async page(member: 'a' | 'b'): Promise<string> {
    return (await fetch(`${this[member].url}/metrics`)).text();
  }

  async registryPage(): Promise<string> {
    return (await fetch(`${this.registry.url}/metrics?format=prometheus`)).text();
  }

  /** The page of a member as soon as it says all of this. */
  async pageWith(member: 'a' | 'b', ...expected: readonly RegExp[]): Promise<string> {
    let page = '';
    await until(
      async () => {
        page = await this.page(member);
        return expected.every((each) => each.test(page));
      },
      () => `${member} to say ${expected.filter((each) => !each.test(page))}`,
    );
    return page;
  }

  /** `c` fails without a word. */
  async switchOff(): Promise<void> {
    this.#c.closeAllConnections();
    this.#c.close();
    await once(this.#c, 'close');
  }

  /** `c` says that it goes. */
  async leave(): Promise<void> {
    await post(`${this.registry.url}/deregister`, { instance_id: 'c' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.a.close(), this.b.close()]);
    await this.registry.close();
    this.#c.closeAllConnections();
    this.#c.close();
  }
}

/** Milliseconds. */
const FAST = {
  pollInterval: 100,
  // So that a ping has two packets, and a jitter.
  checkInterval: 800,
  heartbeatInterval: 200,
  reportInterval: 200,
  bandwidthInterval: 100,
  firstBandwidthTest: 0,
  tracerouteInterval: 200,
  firstTraceroute: 0,
  tcpTimeout: 1_000,
  httpTimeout: 1_000,
  // A machine that is busy answers late.
  timetable: { slot: 2_200, clockTolerance: 600 },
};

const EXPECTED = readExpectedMembers({
  expected_members: {
    locations: { nowhere: { expected_count: 1, criticality: 'high', grace_period: 0 } },
    settings: { check_interval: 1, location_establishment_time: 0 },
  },
});

async function answering(): Promise<Server> {
  const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered with ${response.status}`);
}
