import { isIP } from 'node:net';
import { orAborted } from '../../events/index.js';
import type { ResolveHost } from '../../probes/index.js';
import { VERSION } from '../version.js';
import { sourceAddressTowards } from './advertised-address.js';
import type { Self } from './known-members.js';
import { hostOf, type MemberSettings } from './member-options.js';
import type { RegistryClient } from './registry-client.js';

/** Whether, and as what, the registry knows this member. */
export class Registration {
  readonly #client: RegistryClient;
  readonly #settings: MemberSettings;
  readonly #resolve: ResolveHost;
  #port = 0;
  #ip: string | undefined;
  #isRegistered = false;
  #mayBeKnown = false;
  #readsChecks = false;
  #registering: Promise<void> | undefined;
  #count = 0;

  constructor(client: RegistryClient, settings: MemberSettings, resolve: ResolveHost) {
    this.#client = client;
    this.#settings = settings;
    this.#resolve = resolve;
  }

  get isRegistered(): boolean {
    return this.#isRegistered;
  }

  /** Whether a registry may have heard of it, also where the answer did not come. */
  get mayBeKnown(): boolean {
    return this.#mayBeKnown;
  }

  /** Whether the registry reads checks, as far as it has said so. */
  get readsChecks(): boolean {
    return this.#readsChecks;
  }

  /** How often the registry has taken it in. */
  get count(): number {
    return this.#count;
  }

  /** As others see it. */
  get self(): Self {
    return { id: this.#settings.instanceId, ip: this.#ip ?? '', port: this.#port };
  }

  /** Says where the member listens; before that it does not register. */
  listensAt(port: number): void {
    this.#port = port;
  }

  /** The registry has forgotten it. */
  forget(): void {
    this.#isRegistered = false;
  }

  /**
   * Registers, unless that is under way.
   *
   * @throws what the registry's client throws; the signal's reason.
   */
  register(signal: AbortSignal): Promise<void> {
    this.#registering ??= this.#register(signal).finally(() => {
      this.#registering = undefined;
    });
    return orAborted(this.#registering, signal);
  }

  /** Whether this member is reached by another address than the registry knows. Not so while that cannot be told. */
  async hasMoved(signal: AbortSignal): Promise<boolean> {
    if (this.#ip === undefined) return false;
    const ip = await this.#address(signal).catch(() => this.#ip);
    return ip !== this.#ip;
  }

  async #register(signal: AbortSignal): Promise<void> {
    const { instanceId, location } = this.#settings;
    const ip = await this.#address(signal);
    const member = { instance_id: instanceId, location, ip, port: this.#port, version: VERSION };
    this.#mayBeKnown = true;
    const { readsChecks } = await this.#client.register(member, signal);
    this.#readsChecks = readsChecks;
    this.#ip = ip;
    this.#isRegistered = true;
    this.#count += 1;
  }

  async #address(signal: AbortSignal): Promise<string> {
    const { advertiseIp, host } = this.#settings;
    if (advertiseIp !== 'auto') return advertiseIp;
    if (host !== '0.0.0.0' && host !== '::') return host;
    const url = new URL(this.#client.url);
    // What listens for one family only is not reached by the other.
    const resolve: ResolveHost = (name, options) =>
      this.#resolve(name, { ...options, family: isIP(host) === 4 ? 4 : 'any' });
    const port = url.port === '' ? DEFAULT_PORTS[url.protocol === 'https:' ? 'https' : 'http'] : Number(url.port);
    return sourceAddressTowards(hostOf(url.href), port, resolve, signal);
  }
}

const DEFAULT_PORTS = { http: 80, https: 443 };
