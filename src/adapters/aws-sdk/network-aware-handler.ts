import type { TargetOptions } from '../../monitor/index.js';
import type { NetworkSource, Retryer, RetryOptions } from '../../retry/index.js';
import { networkTo } from '../shared/network-to.js';
import { Exchange } from './exchange.js';
import type { Fates } from './fates.js';
import { IdleSockets } from './idle-sockets.js';
import { LastAddresses } from './last-addresses.js';
import type { NetworkAwareOptions } from './network-aware.js';
import type { SdkHandler, SdkHandlerOptions, SdkOutput, SdkRequest } from './sdk.js';
import type { Signatures } from './signatures.js';

/** What the requests of one client share. */
export interface Wiring {
  readonly retryer: Retryer;
  readonly network: NetworkSource | undefined;
  readonly via: NetworkAwareOptions['via'];
  readonly way: TargetOptions;
  /** What the retryer was made with. */
  readonly retry: RetryOptions;
  readonly fates: Fates;
  readonly signatures: Signatures;
}

/** The client's own request handler, beneath which outages are waited out. */
export class NetworkAwareHandler implements SdkHandler {
  readonly #inner: SdkHandler;
  readonly #wiring: Wiring;
  readonly #idleSockets: IdleSockets;
  readonly #addresses = new LastAddresses();

  constructor(inner: SdkHandler, wiring: Wiring) {
    this.#inner = inner;
    this.#wiring = wiring;
    this.#idleSockets = new IdleSockets(inner);
    Object.defineProperty(this, NETWORK_AWARE, { value: true });
    // By its name the SDK knows the FetchHttpHandler, for which fetch would refuse the Expect header.
    Object.defineProperty(this, 'constructor', { value: inner.constructor });
  }

  /** The SDK tells HTTP/2 from HTTP/1.1 by it. */
  get metadata(): unknown {
    return this.#inner.metadata;
  }

  async handle(request: SdkRequest, options: SdkHandlerOptions = {}): Promise<SdkOutput> {
    const { network, via, way } = this.#wiring;
    const destination = destinationOf(request);
    const proxy = typeof via === 'function' ? via(destination) : via;
    return new Exchange(request, options, {
      ...this.#wiring,
      handler: this.#inner,
      idleSockets: this.#idleSockets,
      addresses: this.#addresses,
      network: networkTo(destination, network, { ...way, via: proxy }),
    }).run();
  }

  destroy(): void {
    this.#inner.destroy?.();
  }

  updateHttpClientConfig(key: string, value: unknown): void {
    this.#inner.updateHttpClientConfig?.(key, value);
  }

  httpHandlerConfigs(): object {
    return this.#inner.httpHandlerConfigs?.() ?? {};
  }
}

/** Whether a client's requests wait out outages; also one that another copy of netpause has made so. */
export function isNetworkAware(client: { readonly config: object }): boolean {
  const handler: unknown = Reflect.get(client.config, 'requestHandler');
  return typeof handler === 'object' && handler !== null && NETWORK_AWARE in handler;
}

const NETWORK_AWARE = Symbol.for('netpause.aws-sdk.networkAware.v1');

function destinationOf({ protocol, hostname, port }: SdkRequest): string {
  const isAddress = hostname.includes(':') && !hostname.startsWith('[');
  return `${isAddress ? `[${hostname}]` : hostname}:${port ?? (protocol === 'http:' ? 80 : 443)}`;
}
