import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import type { Service } from '../../matrix/actors/service.js';
import type { ClientProgram, ServerProgram } from './contract.js';
import type { FaultKind } from './plan.js';

export const SERVER_NAME = 'server.test';
export const SERVER_PORT = 7000;
const CHECK_PORT = 7001;

/** Bits per second of the client's cable: 64 MiB take 13 seconds, and five faults fall within them. */
const RATE = 40_000_000;

/** Client, router and server, with a resolver that knows the server's name and a port that answers checks. */
export class Stage implements AsyncDisposable {
  readonly lab: Lab;
  readonly net: ClientRouterServer;
  /** For files; removed in the end. */
  readonly folder = mkdtempSync(join(tmpdir(), 'netpause-soak-'));
  readonly #onExit = () => rmSync(this.folder, { recursive: true, force: true });

  static async open(): Promise<Stage> {
    const lab = await createLab();
    try {
      const stage = new Stage(lab, await clientRouterServer(lab, { rate: RATE }));
      await stage.#serveNames();
      return stage;
    } catch (error) {
      await lab.dispose();
      throw error;
    }
  }

  private constructor(lab: Lab, net: ClientRouterServer) {
    this.lab = lab;
    this.net = net;
    // Where Ctrl-C ends the run, this is all that is still called.
    process.once('exit', this.#onExit);
  }

  /** What answers checks as long as there is a way to the server, whether that runs or not. */
  get checkHosts(): readonly string[] {
    return [this.net.addresses.server.ipv4];
  }

  readonly checkPort = CHECK_PORT;

  /** The programs of an adapter, each in its namespace. */
  spawnServer(adapter: string): Promise<Actor<ServerProgram>> {
    return this.net.server.spawn<ServerProgram>(new URL(`./${adapter}/server.ts`, import.meta.url));
  }

  spawnClient(adapter: string): Promise<Actor<ClientProgram>> {
    return this.net.client.spawn<ClientProgram>(new URL(`./${adapter}/client.ts`, import.meta.url));
  }

  /**
   * The bytes that have come in through a host's cable so far, but for the headers of TCP, IP and Ethernet: what the kernel has counted, whatever
   * anybody tells.
   */
  async bytesReceived(host: 'client' | 'server'): Promise<number> {
    const { stdout } = await this.net[host].exec('cat', [...COUNTERS]);
    const [bytes = Number.NaN, packets = Number.NaN] = stdout.trim().split('\n').map(Number);
    return bytes - packets * HEADERS;
  }

  /** Breaks something. @returns what mends it. */
  async break(
    kind: FaultKind,
    server: Actor<ServerProgram>,
    startServer: () => Promise<void>,
  ): Promise<() => Promise<unknown>> {
    switch (kind) {
      case 'carrier':
        await this.lab.pullCable('client');
        return () => this.lab.plugIn('client');
      case 'route':
        await this.lab.removeDefaultRoute('client');
        return () => this.lab.restoreDefaultRoute('client');
      case 'router':
        await this.lab.stopForwarding('router');
        return () => this.lab.startForwarding('router');
      case 'resolver':
        await this.#router(NO_NAMES);
        return () => this.#router('delete table inet soak');
      case 'restart':
        await server.call('stop');
        return startServer;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.lab.dispose();
    } finally {
      process.off('exit', this.#onExit);
      this.#onExit();
    }
  }

  async #serveNames(): Promise<void> {
    const { client, server, addresses } = this.net;
    const service = await server.spawn<Service>(new URL('../../matrix/actors/service.ts', import.meta.url));
    await service.call('listen', [CHECK_PORT]);
    await service.call('serveNames', { [SERVER_NAME]: [addresses.server.ipv4] });
    const configuration = join(this.folder, 'resolv.conf');
    writeFileSync(configuration, `nameserver ${addresses.server.ipv4}\noptions timeout:1 attempts:2\n`);
    await client.exec('mount', ['--bind', configuration, '/etc/resolv.conf']);
  }

  async #router(ruleset: string): Promise<void> {
    await this.net.router.exec('nft', ['-f', '-'], { input: ruleset });
  }
}

const COUNTERS = ['rx_bytes', 'rx_packets'].map((name) => `/sys/class/net/eth0/statistics/${name}`);
/** Ethernet, IPv4, TCP with timestamps. What the kernel has put together it counts as one packet, with one header. */
const HEADERS = 14 + 20 + 32;

const NO_NAMES = `
create table inet soak
add chain inet soak forward { type filter hook forward priority 0; }
add rule inet soak forward udp dport 53 drop
`;
